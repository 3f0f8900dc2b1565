import Basics
import Plots

/// P22: how much does the answer change when the object is moved by millimetres?
///
/// At the starts of held-out demonstrations the object is moved by 0 to 20 mm in one direction, in steps of 2 mm; all answers of
/// a scene use the same draws. `p22_sensitivity` is the largest change of the answer between neighbouring positions, in training
/// standard deviations per centimetre, median over scenes and draws. `p22_largest_step` is that change over the sum of all ten: 0.1
/// when every millimetre counts the same, 1 when nine moves change nothing and one changes all. Control: the scripted expert.
///
/// `p22_scenes`: policy, scene, sample, sensitivity, largest_step, total.
public struct Sensitivity: Probe {
    public let name = "p22"
    public let title = "sensitivity to small true moves"
    public let needs: Set<Need> = [.scenes]
    public let endpoints = [Endpoint.sensitivity, .largestStep]
    public let evidence = [Evidence(.shown, .c3, [.largestStep], at: .one(Design.smallMoves.condition))]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let answers = try context.requireScenes(.smallMoves, name)
        let found = answers.map { answers in
            let rows = DesignedCurves(answers, context).curves.map { MoveRow(answers.generated.policy, $0) }
            return (policy: answers.generated.policy, rows: rows, estimates: estimates(rows, answers.generated.policy, context))
        }
        let expert = found.first { $0.policy.role == .expert }
        return ProbeResult(
            tables: [MoveRow.table(found.flatMap(\.rows))],
            summary: found.flatMap { policy, rows, estimates in
                let scenes = Set(rows.map(\.scene)).count, control = expert.map { Control($0.policy.name) }
                return [
                    Endpoint.sensitivity.row(
                        policy.name, Design.smallMoves.condition, estimates.sensitivity, control: control, expert?.estimates.sensitivity,
                        n: scenes, unit: "scene", .measured),
                    Endpoint.largestStep.row(
                        policy.name, Design.smallMoves.condition, estimates.largestStep, control: control, expert?.estimates.largestStep,
                        n: scenes, unit: "scene", .measured),
                ]
            })
    }

    private func estimates(_ rows: [MoveRow], _ policy: PolicyID, _ context: ProbeContext) -> (sensitivity: Estimate, largestStep: Estimate) {
        guard !rows.isEmpty else { return (Estimate(value: nil), Estimate(value: nil)) }
        let changes = SortedSample(rows.map(\.sensitivity))
        let sensitivity = context.bootstrap(clusters: rows.map(\.scene), stream: context.seed / name / policy)
            .estimate { changes.median(weights: $0) }
        // An answer that never changes has no largest step.
        let moving = rows.filter { $0.largestStep != nil }
        guard !moving.isEmpty else { return (sensitivity, Estimate(value: nil)) }
        let steps = SortedSample(moving.compactMap(\.largestStep))
        let largest = context.bootstrap(clusters: moving.map(\.scene), stream: context.seed / name / policy / "largest")
            .estimate { steps.median(weights: $0) }
        return (sensitivity, largest)
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SummaryRecord.self).filter { $0.endpoint == Endpoint.largestStep.key && $0.estimate.value != nil }
        let policies = source.policies.filter { policy in rows.contains { $0.policy == policy.name } }.map(\.name)
        guard !policies.isEmpty else { return [] }
        return [
            Plot(
                name: "p22_largest_step", title: "Change of the answer while the object moves by 20 mm", xLabel: "policy",
                yLabel: "largest of ten steps over their sum", kind: .intervals(categories: source.categories(policies)),
                series: [Plot.Series("largest step", rows.points(along: policies, by: \.policy, y: \.estimate))],
                references: [Plot.Reference("every step the same", 0.1)], yRange: 0...1.02)
        ]
    }
}

extension Endpoint {
    static let sensitivity = Endpoint(
        "p22_sensitivity", "sensitivity",
        "largest change of the answer between object positions 2 mm apart, median over scenes and draws",
        unit: "training standard deviations per cm", control: Control("expert"))
    static let largestStep = Endpoint(
        "p22_largest_step", "largest step",
        "that change over the sum of all ten, median; 0.1: every millimetre counts the same, 1: one move changes all",
        unit: "share of the change", control: Control("expert"), .raisedByMemory)
}

/// A row of `p22_scenes`.
private struct MoveRow: ProbeTable {
    static let name = "p22_scenes"
    var policy = ""
    var scene = 0, sample = 0
    /// Largest change per centimetre.
    var sensitivity = 0.0
    /// Largest change over the sum of all; nil where nothing changes.
    var largestStep: Double?
    /// Sum of the changes, training standard deviations.
    var total = 0.0

    init() {}

    init(_ policy: PolicyID, _ curve: DesignedCurves.Curve) {
        self.policy = policy.name
        (scene, sample) = (curve.group, curve.sample)
        let changes = zip(curve.points, curve.points.dropFirst()).map { before, after -> Double in
            let squared = zip(before, after).reduce(0.0) { sum, pair in
                let difference = pair.1 - pair.0
                return sum + difference * difference
            }
            return (squared / Double(before.count)).squareRoot()
        }
        let moves = zip(curve.coordinate, curve.coordinate.dropFirst()).map { $1 - $0 }
        sensitivity = zip(changes, moves).map { $0 / ($1 * 100) }.max() ?? 0
        total = changes.reduce(0, +)
        largestStep = total > 0 ? (changes.max() ?? 0) / total : nil
    }

    static var columns: [Column<MoveRow>] {
        [
            Column("policy", \.policy), Column("scene", \.scene), Column("sample", \.sample), Column("sensitivity", \.sensitivity),
            Column("largest_step", \.largestStep), Column("total", \.total),
        ]
    }
}
