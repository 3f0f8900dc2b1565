/// Feature vectors of observations, row by row beside the chunks that start there.
public struct ObservationFeatures: Sendable {
    /// Where they come from, for instance `alt encoder`.
    public let name: String
    public let width: Int
    public let values: [Float]  // [n, F]

    public var count: Int { values.count / width }

    public init(name: String, width: Int, values: [Float]) {
        precondition(
            width > 0 && values.count.isMultiple(of: width), "\(values.count) values in feature rows of \(width)")
        self.name = name
        self.width = width
        self.values = values
    }
}
