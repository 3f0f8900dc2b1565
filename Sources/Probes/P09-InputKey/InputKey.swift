import Basics
import Plots

/// P09: which input is the key? A policy that replays looks something up by something: by the image, or by the arm's pose?
///
/// Training frames are asked about with the image of one demonstration and the pose of another, at the same share of their
/// lengths; and with the true pose under pixels shuffled, a blank image, noise, and one camera blank. The demonstration behind an
/// answer is what a lookup says it recalled, else that of the nearest training sequence. `p09_image_share` and `p09_pose_share` are
/// the shares of answers that go back to the image's and to the pose's demonstration; chance is one over the number of training
/// demonstrations. Unit: the demonstration of the pose.
///
/// Verdict of a mixture: `image is the key` or `pose is the key` when the paired difference of the two shares lies wholly above
/// or below 0, else `undecided`.
///
/// `p09_recall`: policy, condition, observation, sample, pose and image demonstration, recalled demonstration.
public struct InputKey: Probe {
    public let name = "p09"
    public let title = "which input is the key"
    public let needs: Set<Need> = [.mixtures]
    public let endpoints = [Endpoint.imageShare, .poseShare]
    public let evidence = [
        Evidence(.shown, .c2, [.imageShare, .poseShare], at: .one(Design.otherImage.condition)),
    ]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? {
        data.train.demonstrations < 2 ? "one training demonstration cannot be mistaken for another" : nil
    }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let scenes: [Design] = [.sweep, .smallMoves, .fork]
        let answers = context.measurements[DesignedAnswers.self].filter { !scenes.contains($0.design) }
        guard !answers.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "designed observations", expected: "images and low-dim values to mix",
                remedy: "use demonstrations with cameras and low-dim values")
        }
        let chance = 1 / Double(context.train.demonstrations.count)
        var rows: [RecallRow] = [], summary: [SummaryRow] = []
        for answers in answers {
            let own = RecallRow.all(answers, context)
            rows += own
            let bootstrap = context.bootstrap(
                clusters: answers.generated.cluster, stream: context.seed / name / answers.generated.policy / answers.design.condition)
            let image = own.map { $0.recalled == $0.image ? 1.0 : 0 }, pose = own.map { $0.recalled == $0.pose ? 1.0 : 0 }
            let difference = zip(image, pose).map { $0 - $1 }
            let policy = answers.generated.policy.name, condition = answers.design.condition
            let units = Set(answers.generated.cluster).count
            func row(_ endpoint: Endpoint, _ values: [Double], _ verdict: Verdict = .measured) -> SummaryRow {
                endpoint.row(
                    policy, condition, bootstrap.estimate { weightedMean(values, $0) }, Estimate(value: chance), n: units, verdict)
            }
            if answers.design == .otherImage {
                let gap = bootstrap.estimate { weightedMean(difference, $0) }
                let verdict: Verdict = gap.lies(above: 0) ? .imageIsKey : gap.lies(below: 0) ? .poseIsKey : .undecided
                summary.append(row(.imageShare, image, verdict))
                summary.append(row(.poseShare, pose, verdict))
            } else {
                summary.append(row(.poseShare, pose))
            }
        }
        return ProbeResult(tables: [RecallRow.table(rows)], summary: summary)
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SummaryRecord.self)
        let shares = rows.filter { $0.endpoint == Endpoint.poseShare.key }, images = rows.filter { $0.endpoint == Endpoint.imageShare.key }
        let policies = source.policies([.subject, .learned, .table, .pixels, .memorizer], in: shares.map(\.policy))
        let categories = shares.distinct(\.condition.name)
        guard !policies.isEmpty else { return [] }
        return [
            Plot(
                name: "p09_key", title: "Whose demonstration is recalled", xLabel: "what is shown with the true pose",
                yLabel: "share of answers", kind: .intervals(categories: categories.map { Plot.Category(Condition($0)) }),
                series: policies.map { policy in
                    Plot.Series(
                        "\(policy), pose", label: "\(policy.label): pose", mark: policy.role.mark,
                        shares.filter { $0.policy == policy.name }.points(along: categories, by: \.condition.name, y: \.estimate))
                } + policies.map { policy in
                    Plot.Series(
                        "\(policy), image", label: "\(policy.label): image", isControl: true,
                        mark: Plot.Mark(policy.role.mark.colour, point: policy.role.mark.point - 1, dash: 2),
                        images.filter { $0.policy == policy.name }.points(along: categories, by: \.condition.name, y: \.estimate))
                }, references: shares.first?.controlValue.map { [Plot.Reference("chance", $0)] } ?? [], yRange: 0...1.02)
        ]
    }
}

extension Endpoint {
    public static let imageShare = Endpoint(
        "p09_image_share", "follows the image",
        "share of answers to the image of one demonstration with the pose of another that recall the image's",
        unit: "share of answers", control: .chance)
    public static let poseShare = Endpoint(
        "p09_pose_share", "follows the pose",
        "share of the same answers that recall the pose's demonstration",
        unit: "share of answers", control: .chance)
}

/// A row of `p09_recall`.
private struct RecallRow: ProbeTable {
    static let name = "p09_recall"
    var policy = ""
    var condition = Condition("")
    var observation = 0, sample = 0
    var pose = NamedDemonstration(), image = NamedDemonstration(), recalled = NamedDemonstration()

    static func all(_ answers: DesignedAnswers, _ context: ProbeContext) -> [RecallRow] {
        let generated = answers.generated
        let nearest = NearestChunks(of: context.metric.scaled(generated.chunks), in: context.scaledTrain, pool: context.pool)
        return (0..<generated.chunks.count).map { row in
            let match = generated.match[row].map { context.train.demonstration[$0.trainChunk] }
            return RecallRow(
                policy: generated.policy.name, condition: answers.design.condition, observation: generated.observation[row],
                sample: generated.sample[row], pose: generated.chunks.named(row),
                image: context.train.names[answers.other[generated.observation[row]]],
                recalled: context.train.names[match ?? nearest.recalledDemonstration[row]])
        }
    }

    static var columns: [Column<RecallRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("observation", \.observation),
            Column("sample", \.sample), .demonstration("pose_", \.pose), .demonstration("image_", \.image),
            .demonstration("recalled_", \.recalled),
        ]
    }
}
