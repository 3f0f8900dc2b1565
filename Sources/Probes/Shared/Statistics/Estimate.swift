/// A value with its 95 % interval. What could not be computed is nil.
public struct Estimate: Sendable, Equatable {
    public var value: Double?
    public var low: Double?
    public var high: Double?

    public init(value: Double?, low: Double? = nil, high: Double? = nil) {
        self.value = value
        self.low = low
        self.high = high
    }

    func lies(above bound: Double) -> Bool { low.map { $0 > bound } ?? false }
    func lies(below bound: Double) -> Bool { high.map { $0 < bound } ?? false }
    func contains(_ point: Double) -> Bool {
        guard let low, let high else { return false }
        return low <= point && point <= high
    }
}
