import Probes
import Tabletop

/// What a policy observes.
enum ObservationView: Hashable, Sendable {
    /// `data.cameras` and `data.low_dim`.
    case images
    /// `state.low_dim` alone.
    case state
}

/// Which demonstrations are trained on, which are the reference and which are asked about.
enum StudyPart: Hashable {
    /// The training split T against the reference split R.
    case main
    /// T and R exchanged: what the twins are trained on.
    case twin
    /// Another number of demonstrations, as many for reference; the same queries.
    case size(Int)
    /// All demonstrations divided anew into as many as the main part has; the twin has its T and R exchanged.
    case split(Int, isTwin: Bool)
    /// Other demonstrations of the same task, divided as those of the main part.
    case spacing(SpacingCell)

    /// In file names.
    var name: String {
        switch self {
        case .main: "main"
        case .twin: "twin"
        case .size(let count): "size_\(count)"
        case .split(let number, let isTwin): "split_\(number)\(isTwin ? "_twin" : "")"
        case .spacing(let cell): "spacing_\(cell.name)"
        }
    }

    /// All parts of a study, the main one first.
    static func all(_ settings: Settings) -> [StudyPart] {
        guard settings.audit == nil else { return [.main] }
        return [.main, .twin] + settings.state.sizes.sorted().map { .size($0) } + settings.furtherSplits.flatMap { [.split($0, isTwin: false), .split($0, isTwin: true)] }
            + settings.otherSpacings.map { .spacing($0) }
    }
}

extension Settings {
    /// The parts that have a lookup table of their own, where there are cameras. An audit may have none.
    var tableParts: [StudyPart] {
        guard let audit else { return [.main, .twin] }
        return audit.controls ? [.main] : []
    }

    /// Numbers of the divisions beside the main one.
    var furtherSplits: [Int] { Array(1..<state.splits) }

    /// Starts on a grid and anywhere, with half the expert's noise and with all of it. None unless the simulator makes the demonstrations.
    var spacings: [SpacingCell] {
        guard state.spacing, data.generate != nil else { return [] }
        return SpacingCell.all
    }

    /// Those of which the study's own demonstrations are not.
    var otherSpacings: [SpacingCell] { spacings.filter { $0 != ownSpacing } }

    var ownSpacing: SpacingCell? { data.generate.map { SpacingCell(starts: $0.starts.spacing, expertNoise: $0.expertNoise) } }
}

extension StartLayout {
    /// As P28 calls it.
    fileprivate var spacing: SpacingCell.Starts {
        switch self {
        case .continuous: .continuous
        case .grid: .grid
        }
    }
}
