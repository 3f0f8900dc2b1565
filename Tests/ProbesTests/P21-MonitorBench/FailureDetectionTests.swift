import Basics
import Testing

@testable import Probes

@Suite struct FailureDetectionTests {
    private static let queries = Array(stride(from: 0, to: 400, by: 8))

    /// Episodes of which a score is known at every query. Start i of the compared ones fails where i is odd, at the limit of 400
    /// steps; success comes after 80 to 176.
    private func records(
        _ monitors: [String], compared: Int = 80, reference: Int = 40, policy: PolicyID = "alt",
        fails: (_ start: Int) -> Bool = { $0 % 2 == 1 },
        _ score: (_ monitor: String, _ isReference: Bool, _ start: Int, _ isSuccess: Bool, _ step: Int) -> Double
    ) -> [EpisodeMonitorRecord] {
        [(false, compared), (true, reference)].flatMap { isReference, count in
            (0..<count).map { start in
                let isSuccess = !fails(start), steps = isSuccess ? 80 + 8 * (start / 2 % 13) : 400
                let queries = Self.queries.filter { $0 < steps }
                return EpisodeMonitorRecord(
                    policy: policy, isReference: isReference, start: start, isSuccess: isSuccess, steps: steps, queries: queries,
                    scores: monitors.map { monitor in (monitor, queries.map { score(monitor, isReference, start, isSuccess, $0) }) })
            }
        }
    }

    private func context(_ records: [EpisodeMonitorRecord], rate: Double = 0.125, spaces: [Space] = []) throws -> ProbeContext {
        var measurements = Measurements(), rules = DecisionRules()
        measurements[EpisodeMonitorRecord.self] = records
        rules.falseAlarmRate = rate
        let study = SyntheticStudy(), space = study.space
        measurements.spaces = spaces.map { ObservationSpace(space: $0, width: space.width, train: space.train) }
        return try study.context([], measurements, rules: rules)
    }

    private func detection(_ records: [EpisodeMonitorRecord], rate: Double = 0.125, spaces: [Space] = []) throws -> FailureDetection {
        let context = try context(records, rate: rate, spaces: spaces)
        return FailureDetection(try #require(MonitoredEpisodes.all(context).first), context)
    }

    /// The same draw for the same query.
    private func noise(_ isReference: Bool, _ start: Int, _ step: Int) -> Double {
        var source = RandomSource(Seed(5) / (isReference ? "reference" : "compared") / start / step)
        return source.uniform()
    }

    @Test func `a monitor that is the outcome tells all failures, noise none, and failures that only last longer are none`() throws {
        let found = try detection(
            records(["outcome", "noise", "grows"]) { monitor, isReference, start, isSuccess, step in
                switch monitor {
                case "outcome": isSuccess ? 0 : 1
                case "noise": noise(isReference, start, step)
                default: Double(step)
                }
            })
        func row(_ monitor: String) throws -> EpisodeMonitorRow { try #require(found.rows.first { $0.monitor == monitor }) }
        let outcome = try row("outcome"), random = try row("noise")
        #expect(outcome.auroc == Estimate(value: 1, low: 1, high: 1) && outcome.fpr95.value == 0 && outcome.aupr.value == 1)
        #expect(outcome.detected.value == 1 && outcome.falseAlarm.value == 0 && outcome.detectionStep == 0)
        #expect(outcome.beforeTimeOut.value == 1)
        #expect(outcome.successes == 40 && outcome.failures == 40 && outcome.referenceSuccesses == 20)
        #expect(random.auroc.contains(0.5))
        // The 10 % quantile of 20 successes after 80 + 8 (i mod 13) steps; those after 80 are no longer asked there, four of 40.
        #expect(outcome.commonStep.map { abs($0 - 87.2) < 1e-9 } == true && outcome.successesUnderWay == 36)
        for monitor in ["grows", "elapsed_steps"] {
            let row = try row(monitor)
            #expect(row.auroc == Estimate(value: 0.5, low: 0.5, high: 0.5), "\(monitor) \(row.auroc)")
            // Over whole episodes it finds every failure, after the longest successes.
            #expect(row.detected.value == 1 && row.detectionStep.map { $0 > 150 } == true && row.beforeTimeOut.value == 0)
        }
        #expect(found.summary.map(\.condition.name) == [String](repeating: "rollouts_alt", count: 4))
        #expect(found.summary.map(\.policy) == ["outcome", "noise", "grows", "elapsed_steps"])
        #expect(found.summary.allSatisfy { $0.endpoint == .failureAuroc && $0.controlValue == 0.5 && $0.n == 76 })
    }

    @Test func `what comes after the common step is not counted, and a warning in time is dated`() throws {
        let found = try detection(
            records(["late", "early"]) { monitor, _, _, isSuccess, step in
                isSuccess ? 0 : step >= (monitor == "late" ? 200 : 40) ? 1 : 0
            })
        #expect(found.rows[0].auroc.value == 0.5 && found.rows[0].detectionStep == 200 && found.rows[0].beforeTimeOut.value == 0)
        #expect(found.rows[1].auroc.value == 1 && found.rows[1].detectionStep == 40 && found.rows[1].beforeTimeOut.value == 1)
    }

    @Test func `half the failures must be flagged for a median step`() throws {
        func step(_ share: Int) throws -> Double? {
            try detection(records(["some"]) { _, _, start, isSuccess, step in !isSuccess && start % 20 < share && step >= 16 ? 1 : 0 }).rows[0].detectionStep
        }
        // Of the odd starts below 20, three tenths and six tenths.
        #expect(try step(6) == nil && step(12) == 16)
    }

    @Test func `the threshold's false alarms are near alpha, which few reference successes raise`() throws {
        let many = try detection(records(["noise"], compared: 600, reference: 400) { _, reference, start, _, step in noise(reference, start, step) })
        let row = many.rows[0]
        #expect(row.alpha == 0.125 && row.falseAlarm.value.map { abs($0 - 0.125) < 0.06 } == true, "\(row.falseAlarm)")
        // Two successes give no threshold for less than one in three.
        let few = try detection(records(["noise"], reference: 4) { _, reference, start, _, step in noise(reference, start, step) })
        #expect(few.rows[0].alpha == 1.0 / 3 && few.rows[0].referenceSuccesses == 2)
    }

    @Test func `without failures, successes or reference successes the numbers are absent`() throws {
        for fails in [{ _ in true }, { _ in false }, { $0 != 2 }] as [(Int) -> Bool] {
            let found = try detection(records(["outcome"], fails: fails) { _, _, _, isSuccess, _ in isSuccess ? 0 : 1 })
            #expect(found.rows.count == 2 && found.rows.allSatisfy { $0.auroc.value == nil && $0.auroc.low == nil })
            #expect(found.summary.isEmpty)
        }
        let none = try detection(records(["outcome"], reference: 0) { _, _, _, isSuccess, _ in isSuccess ? 0 : 1 })
        #expect(none.rows[0].auroc.value == nil && none.rows[0].threshold == nil && none.rows[0].detected.value == nil && none.rows[0].commonStep == nil)
        // All flagged, none of which is a success.
        let failed = try detection(records(["outcome"], fails: { $0 % 40 != 0 }) { _, _, _, isSuccess, _ in isSuccess ? 0 : 1 })
        #expect(failed.rows[0].successes == 2 && failed.rows[0].referenceSuccesses == 1 && failed.rows[0].alpha == 0.5)
    }

    @Test func `the advantage is over the best rival that sees no more than the policy`() throws {
        let monitors = [MonitorScores.tableSimilarity, "pixel_distance", "knn_pose", "knn_true_state", "knn_alt_encoder", "pca_kmeans_pose", "rnd"]
        func advantage(_ blind: String) throws -> SummaryRow? {
            let found = try detection(
                records(monitors) { monitor, isReference, start, isSuccess, step in
                    monitor == blind ? noise(isReference, start, step) : isSuccess ? 0 : 1
                }, spaces: [.pixels, .pose, .trueState, .tableEncoder])
            return found.summary.first { $0.endpoint == .failureAdvantage }
        }
        let equal = try #require(try advantage("none"))
        #expect(equal.value == 0 && equal.control == "pixel_distance" && equal.controlValue == 1 && equal.verdict == .undecided)
        let beaten = try #require(try advantage(MonitorScores.tableSimilarity))
        #expect(beaten.verdict == .beaten && beaten.policy == MonitorScores.tableSimilarity)
        // With blind rivals, neither clusters, nor the table's own neighbours, nor the true state stands in their place.
        let ahead = try detection(
            records(monitors) { monitor, isReference, start, isSuccess, step in
                ["pixel_distance", "knn_pose"].contains(monitor) ? noise(isReference, start, step) : isSuccess ? 0 : 1
            }, spaces: [.pixels, .pose, .trueState, .tableEncoder])
        #expect(ahead.summary.first { $0.endpoint == .failureAdvantage }?.verdict == .beatsRivals)
        #expect(try detection(records(monitors) { _, _, _, _, _ in 0 }).summary.allSatisfy { $0.endpoint != .failureAdvantage })
    }

    @Test func `the figures show both policies`() throws {
        let scores = { (_: String, isReference: Bool, start: Int, isSuccess: Bool, step: Int) in
            isSuccess ? noise(isReference, start, step) : 2
        }
        let records = records(["a"], scores) + records(["a"], policy: "diffusion_ddim", scores), context = try context(records)
        let rows = MonitoredEpisodes.all(context).flatMap { FailureDetection($0, context).rows }
        #expect(rows.map { "\($0.policy) \($0.monitor)" } == ["alt a", "alt elapsed_steps", "diffusion_ddim a", "diffusion_ddim elapsed_steps"])
        let figures = FailureDetection.figures(rows, TextTables())
        #expect(figures.map(\.name) == ["p21_failure", "p21_detection_time"])
        #expect(figures[0].table.texts("series") == ["diffusion_ddim", "diffusion_ddim", "alt", "alt"])
        #expect(FailureDetection.figures([], TextTables()).isEmpty)
    }
}
