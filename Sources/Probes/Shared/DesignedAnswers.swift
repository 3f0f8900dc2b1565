/// Observations that are made up to ask one question, each kind by what is made of it.
public enum Design: Hashable, Sendable {
    /// P06: the object moved from where it lies in one training demonstration to where it lies in another.
    case sweep
    /// P22: the object moved by millimetres.
    case smallMoves
    /// P16: the moment from which more than one way was demonstrated.
    case fork
    /// P09: a training frame as it is; under the image of another demonstration; with its pixels shuffled, blank, as noise; with
    /// one camera blank.
    case intact, otherImage, shuffledPixels, blankImage, noiseImage
    case withoutCamera(String)

    public var condition: Condition {
        switch self {
        case .sweep: Condition("object_sweep")
        case .smallMoves: Condition("small_moves")
        case .fork: Condition("fork")
        case .intact: Condition("intact")
        case .otherImage: Condition("other_image")
        case .shuffledPixels: Condition("true_pose_shuffled_pixels")
        case .blankImage: Condition("true_pose_blank_image")
        case .noiseImage: Condition("true_pose_noise_image")
        case .withoutCamera(let key): Condition("without_\(key)")
        }
    }

    /// Shares of the way in a sweep.
    public static let sweepShares = (0...20).map { Double($0) / 20 }
    /// Moves of the object, metres.
    public static let moveMetres = (0...10).map { 0.002 * Double($0) }
    /// Sequences drawn at a fork.
    public static let forkSamples = 64
}

/// What one policy answered to the observations of one design.
public struct DesignedAnswers: Measurement {
    public let design: Design
    /// `cluster` is the group of observations that belong together; `chunks.demonstration` where each was made from.
    public let generated: GeneratedChunks
    /// By observation: where along the design it lies.
    public let coordinate: [Double]
    /// By observation: a second demonstration that has part in it.
    public let other: [Int]
    /// By demonstration: which way it takes, where the task has more than one.
    public let ways: [Int: String]

    public init(design: Design, generated: GeneratedChunks, coordinate: [Double], other: [Int], ways: [Int: String]) {
        self.design = design
        self.generated = generated
        self.coordinate = coordinate
        self.other = other
        self.ways = ways
    }
}

extension ProbeContext {
    /// What the policies answered to scenes of the simulator.
    /// - Throws: `Failure` where there are none.
    func requireScenes(_ design: Design, _ probe: String) throws -> [DesignedAnswers] {
        let answers = measurements[DesignedAnswers.self].filter { $0.design == design }
        guard !answers.isEmpty else {
            throw Self.nothing(
                probe, at: "designed observations", expected: "scenes of the embedded simulator",
                remedy: "use demonstrations of the embedded simulator")
        }
        return answers
    }
}

/// Answers along designs whose observations form a line: one curve for each group and draw.
struct DesignedCurves {
    struct Curve {
        let group: Int
        let sample: Int
        /// Where the group was made from.
        let demonstration: Int
        let observations: [Int]
        let coordinate: [Double]
        /// The answers in training standard deviations. [points][H * D]
        let points: [[Double]]
    }

    let curves: [Curve]

    init(_ answers: DesignedAnswers, _ context: ProbeContext) {
        let generated = answers.generated, scaled = context.metric.scaled(generated.chunks)
        let groups = Dictionary(grouping: 0..<generated.chunks.count) { [generated.cluster[$0], generated.sample[$0]] }
        curves = groups.keys.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.compactMap { key in
            let rows = (groups[key] ?? []).sorted { generated.observation[$0] < generated.observation[$1] }
            guard rows.count > 1 else { return nil }
            return Curve(
                group: key[0], sample: key[1], demonstration: generated.chunks.demonstration[rows[0]],
                observations: rows.map { generated.observation[$0] }, coordinate: rows.map { answers.coordinate[generated.observation[$0]] },
                points: rows.map(scaled.vectors.row))
        }
    }
}
