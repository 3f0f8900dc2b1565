/// What a study measured besides the action sequences its policies generated. What was not measured is empty, and the
/// probes that need it say so or leave the rows out.
public struct Measurements: Sendable {
    public var costs: [CostMeasurement] = []
    public var records: [PolicyRecord] = []
    /// The first is the one that probes use where they need just one.
    public var spaces: [ObservationSpace] = []
    public var denoisers: [DenoiserAnswers] = []
    public var monitors: [MonitorScores] = []
    /// Curves in the plane, learned and sampled; apart from the demonstrations.
    public var manifolds: [ManifoldRun] = []
    /// The same study with the reference demonstrations to train on and the training demonstrations as the reference:
    /// its policies are the twins of the ones here with the same name. One or none.
    public var twin: [ProbeContext] = []
    /// The same study at other numbers of training demonstrations, each with as many for reference.
    public var sizes: [ProbeContext] = []

    public init() {}
}
