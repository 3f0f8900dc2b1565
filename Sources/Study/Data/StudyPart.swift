/// What a policy observes.
enum ObservationView: Hashable, Sendable {
    /// `data.cameras` and `data.low_dim`.
    case images
    /// `state.low_dim` alone.
    case state
}

/// Which demonstrations are trained on and which are the reference. Queries are the same in all parts.
enum StudyPart: Hashable {
    /// The training split T against the reference split R.
    case main
    /// T and R exchanged: what the twins are trained on.
    case twin
    /// Another number of demonstrations, as many for reference.
    case size(Int)

    /// In file names.
    var name: String {
        switch self {
        case .main: "main"
        case .twin: "twin"
        case .size(let count): "size_\(count)"
        }
    }

    /// All parts of a study, the main one first.
    static func all(_ settings: Settings) -> [StudyPart] { [.main, .twin] + settings.state.sizes.sorted().map { .size($0) } }
}
