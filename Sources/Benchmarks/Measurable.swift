import Compute

/// Work that a row of the benchmark measures, with its memory made.
protocol Measurable: AnyObject {
    /// Floating-point operations of one run; 0 where they are not what matters.
    var flops: Int { get }
    /// Bytes one run must read at least, or decode; 0 where they are not what matters.
    var bytes: Int { get }
    /// What bounds the row from below on any implementation.
    var limit: MachineLimit { get }
    /// What a reader of the row should know.
    var note: String { get }
    /// - Throws: `Failure` (`defect`) when the results are wrong. Nothing is timed then.
    func check() throws
    func run() throws
    /// The same work with the times of its operations added to `profile`; nil where they cannot be told apart.
    func profiled(_ profile: OperationProfile) -> (() throws -> Void)?
}

extension Measurable {
    var bytes: Int { 0 }
    func profiled(_ profile: OperationProfile) -> (() throws -> Void)? { nil }
}
