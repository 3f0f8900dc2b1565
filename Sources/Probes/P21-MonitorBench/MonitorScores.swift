/// How unusual one monitor finds the observations of one condition; larger means farther out of distribution.
public struct MonitorScores: Sendable {
    public let monitor: String
    public let condition: String
    /// By observation, as numbered by `GeneratedChunks.observation`.
    public let score: [Double]
    /// Seconds per observation; nil when not measured.
    public let seconds: Double?

    public init(monitor: String, condition: String, score: [Double], seconds: Double? = nil) {
        self.monitor = monitor
        self.condition = condition
        self.score = score
        self.seconds = seconds
    }
}
