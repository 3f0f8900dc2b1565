/// What one policy costs, as measured by the caller; probe P23 only compares.
public struct CostMeasurement: Sendable {
    public var policy: String
    /// Seconds per inference, one per timed query, warm-up excluded.
    public var latencies: [Double]
    /// Highest resident memory that inference added.
    public var peakMemoryBytes: Int
    public var parameters: Int
    /// Bytes of stored demonstrations the policy needs at inference; 0 for a network alone.
    public var tableBytes: Int
    /// Multiply-accumulates per inference.
    public var macs: Int
    /// Passes through the denoiser per inference; 1 for a lookup.
    public var inferenceSteps: Int

    public init(
        policy: String, latencies: [Double], peakMemoryBytes: Int, parameters: Int, tableBytes: Int, macs: Int,
        inferenceSteps: Int
    ) {
        self.policy = policy
        self.latencies = latencies
        self.peakMemoryBytes = peakMemoryBytes
        self.parameters = parameters
        self.tableBytes = tableBytes
        self.macs = macs
        self.inferenceSteps = inferenceSteps
    }
}
