/// How far apart demonstrations lie: where their objects start, and how much one way of doing it differs from the next.
public struct SpacingCell: Hashable, Sendable {
    /// Where the object starts.
    public enum Starts: String, Hashable, Sendable, CaseIterable {
        case continuous, grid
    }

    public let starts: Starts
    /// Factor on the expert's noise and variation of style: 0 is one clean style, 1 that of the study's own demonstrations.
    public let expertNoise: Double

    public init(starts: Starts, expertNoise: Double) {
        self.starts = starts
        self.expertNoise = expertNoise
    }

    /// Two by two: what a study compares. Without any noise demonstrations of `lift` lie a hundredth of a training standard
    /// deviation apart, half the error of a policy that fits: nothing would be said of memory.
    public static let all = Starts.allCases.flatMap { starts in [0.5, 1].map { SpacingCell(starts: starts, expertNoise: $0) } }

    /// In names of files: `grid_noise_0.5`.
    public var name: String { "\(starts)_noise_\(SpacingCell.text(expertNoise))" }
    /// In figures.
    var title: String { "\(starts), noise \(SpacingCell.text(expertNoise))" }

    /// Held-out observations of these demonstrations.
    var condition: Condition { Condition("heldout_\(name)") }

    private static func text(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
}
