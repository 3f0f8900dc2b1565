/// How each claim is judged from the summary.
struct ClaimRules {
    private let summary: [SummaryRow]
    private let rules: DecisionRules

    init(_ summary: [SummaryRow], _ rules: DecisionRules) {
        self.summary = summary
        self.rules = rules
    }

    /// C1 to C5: about the policy's memory.
    var aboutMemory: [Claim] { [recall, retrieval, switching, fallback, sparseData] }
    /// C6 to C8: about the lookup table.
    var aboutTheTable: [Claim] { [performance, cost, monitoring] }

    private static let heldout = GeneratedChunks.Condition.heldout

    private var recall: Claim {
        let share = evidence(
            "p03_dcr_share", rule: "supports: interval above \(rules.dcrShare); contradicts: contains 0.5 or lies below it",
            supports: { $0.lies(above: rules.dcrShare) }, contradicts: { $0.contains(0.5) || $0.lies(below: 0.5) })
        let proximity = ["p03_c_t", "p03_c_t_clustered"].flatMap { endpoint -> [ClaimEvidence] in
            evidence(
                endpoint, rule: "supports: below \(rules.proximityZ), or undefined where no demonstration differs from another",
                supports: { $0.value.map { $0 < rules.proximityZ } ?? (endpoint == "p03_c_t_clustered") },
                contradicts: { _ in false })
        }
        return claim(
            "C1", "a diffusion policy returns training action sequences, also at unseen images",
            """
            supported: the DCR share's interval lies above \(rules.dcrShare) and C_T, plain and clustered, below \
            \(rules.proximityZ); refuted: the interval contains 0.5 or lies below
            """,
            deciding: share + proximity, decidedBy: { Self.allSupport($0, 3, refutedBy: share) },
            shown: shown("p02_s_median") + shown("p02_d1_median") + shown("p10_memory_share", policy: "state_ddpm_s0")
                + shown("p26_seed_pooled_dcr_share", policy: "state_ddpm") + shown("p12_trend", policy: "diffusion_ddpm"))
    }

    private var retrieval: Claim {
        let match = evidence(
            "p04_rank_match_p", rule: "supports: below \(rules.rankMatchP)",
            supports: { $0.value.map { $0 < rules.rankMatchP } ?? false }, contradicts: { _ in false })
        let nearer = find("p04_rank_match", Claims.subject, Self.heldout).map { row in
            ClaimEvidence(
                row: row, rule: "supports: recalled observations are nearer than those of held-out truth",
                verdict: row.verdict == Verdict.closerThanHeldout.rawValue ? .supports : .open)
        }
        let explained = evidence(
            "p05_r_squared", rule: "supports: interval above \(rules.rSquared); contradicts: interval below",
            supports: { $0.lies(above: rules.rSquared) }, contradicts: { $0.lies(below: rules.rSquared) })
        let nearerThanTruth = evidence(
            "p05_exact_minus_truth", rule: "supports: interval above 0; contradicts: interval below 0",
            supports: { $0.lies(above: 0) }, contradicts: { $0.lies(below: 0) })
        let bandwidth = evidence(
            "p05_bandwidth_over_nn", rule: "supports: at most \(rules.bandwidth); contradicts: interval above",
            supports: { $0.value.map { $0 <= rules.bandwidth } ?? false }, contradicts: { $0.lies(above: rules.bandwidth) })
        return claim(
            "C2", "it does so by finding the nearest training image in a latent space",
            """
            supported: rank-match p below \(rules.rankMatchP) and nearer than held-out truth's, R² above \
            \(rules.rSquared) and above that of a denoiser that knows the truth, and bandwidth at most \
            \(rules.bandwidth); refuted: R²'s interval below either or the bandwidth's above
            """,
            deciding: match + nearer + explained + nearerThanTruth + bandwidth,
            decidedBy: { Self.allSupport($0, 5, refutedBy: explained + nearerThanTruth + bandwidth) },
            shown: shown("p04_nearest_minus_expert") + shown("p05_effective_chunks"))
    }

    private var switching: Claim {
        let weight = evidence(
            "p07_largest_weight", rule: "supports: interval above \(rules.largestWeight); contradicts: interval below",
            supports: { $0.lies(above: rules.largestWeight) }, contradicts: { $0.lies(below: rules.largestWeight) })
        return claim(
            "C3", "it switches between memories rather than interpolating",
            """
            supported: the largest weight of the blend lies above \(rules.largestWeight); refuted: below. Offline \
            only: the step or line between two object positions (P06) needs the simulator
            """,
            deciding: weight, decidedBy: { Self.allSupport($0, 1, refutedBy: $0) },
            shown: shown("p07_residual") + shown("p07_effective_demonstrations"))
    }

    /// Cats and dogs: photographs where there are, else the drawn ones.
    private var fallback: Claim {
        let known = Set(summary.filter { $0.endpoint == "p08_top_2_mass" }.map(\.condition))
        let photographs = ["photograph_cats", "photograph_dogs"].filter(known.contains)
        let conditions = photographs.isEmpty ? ["cat", "dog"].filter(known.contains) : photographs
        let policies = Set(summary.map(\.policy)).filter { $0 == Claims.subject || $0.hasPrefix("diffusion_ddpm_s") }.sorted()
        let mass = conditions.flatMap { condition -> [ClaimEvidence] in
            policies.flatMap { policy -> [ClaimEvidence] in
                evidence(
                    "p08_top_2_mass", policy: policy, condition: condition,
                    rule: "supports: interval above \(rules.topTwoMass) and above chance; contradicts: interval below",
                    supports: { $0.lies(above: rules.topTwoMass) }, above: true,
                    contradicts: { $0.lies(below: rules.topTwoMass) })
            }
        }
        return claim(
            "C4", "cats and dogs still give a training sequence, often one or two fallback sequences",
            """
            supported: the mass of the two most recalled demonstrations lies above \(rules.topTwoMass) and above \
            chance in most (condition, seed) pairs; refuted: below in most
            """,
            deciding: mass, decidedBy: Self.majority,
            shown: conditions.flatMap { condition -> [ClaimEvidence] in
                shown("p02_d1_median", condition: condition) + shown("p02_s_median", condition: condition)
            })
    }

    private var sparseData: Claim {
        let slope = evidence(
            "p13_slope", policy: "state_ddpm_s0", rule: "supports: interval below 0; contradicts: interval above 0",
            supports: { $0.lies(below: 0) }, contradicts: { $0.lies(above: 0) })
        let sizes = summary.filter { $0.endpoint.hasPrefix("p13_dcr_share_n") && $0.policy == "state_ddpm_s0" }
        return claim(
            "C5", "this is good in the sparse-data regime and fades as data grows",
            "supported: the DCR share above its floor falls with ln n; refuted: it grows. At equal epochs, low-dim policies",
            deciding: slope, decidedBy: { Self.allSupport($0, 1, refutedBy: $0) },
            shown: sizes.map { ClaimEvidence(row: $0, rule: "shown", verdict: .shown) })
    }

    private var performance: Claim {
        claim(
            "C6", "the Action Lookup Table matches the diffusion policy's task performance on small data",
            """
            task success needs the simulator: undecided here. Shown: open-loop error against the demonstrator, \
            equivalent within \(rules.equivalenceMargin) of D12 or not
            """,
            deciding: [], decidedBy: { _ in .undecided },
            shown: shown("p27_error_over_d12") + shown("p27_error_over_d12", policy: "alt")
                + shown("p27_error_over_d12", policy: "pixel_nearest") + shown("p27_difference", policy: "alt"))
    }

    private var cost: Claim {
        let published: [(part: String, bound: Double)] = [("latency", rules.timeRatio), ("memory", rules.memoryRatio)]
        let ratios = published.flatMap { part, bound -> [ClaimEvidence] in
            evidence(
                "p23_\(part)_over_diffusion_ddpm", policy: "alt", condition: "timed",
                rule: "supports: at most \(bound); contradicts: above",
                supports: { ($0.high ?? $0.value).map { $0 <= bound } ?? false },
                contradicts: { ($0.low ?? $0.value).map { $0 > bound } ?? false })
        }
        return claim(
            "C7", "the table needs \(rules.timeRatio) of the policy's inference time and \(rules.memoryRatio) of its memory",
            "supported: both ratios to DDPM at most the published ones; refuted: one of them above",
            deciding: ratios, decidedBy: { Self.allSupport($0, 2, refutedBy: $0) },
            shown: shown("p23_latency_over_diffusion_ddim", policy: "alt", condition: "timed")
                + shown("p23_memory_over_diffusion_ddim", policy: "alt", condition: "timed"))
    }

    private var monitoring: Claim {
        let advantage = evidence(
            "p21_alt_advantage", policy: "alt_similarity", condition: "all",
            rule: "supports: interval above 0; contradicts: interval below 0", supports: { $0.lies(above: 0) },
            contradicts: { $0.lies(below: 0) })
        let monitors = summary.filter { $0.endpoint == "p21_auroc_all" }
        return claim(
            "C8", "the table flags out-of-distribution input when the latent distance is large",
            "supported: its AUROC beats the best of pixel distance, k-th neighbour and Mahalanobis; refuted: it is beaten",
            deciding: advantage, decidedBy: { Self.allSupport($0, 1, refutedBy: $0) },
            shown: monitors.map { ClaimEvidence(row: $0, rule: "shown", verdict: .shown) })
    }
}

extension ClaimRules {
    private func claim(
        _ name: String, _ statement: String, _ rule: String, deciding: [ClaimEvidence],
        decidedBy decide: ([ClaimEvidence]) -> Claim.Verdict, shown: [ClaimEvidence]
    ) -> Claim {
        Claim(name: name, statement: statement, rule: rule, evidence: deciding + shown, verdict: decide(deciding))
    }

    private func find(_ endpoint: String, _ policy: String, _ condition: String) -> [SummaryRow] {
        summary.filter { $0.endpoint == endpoint && $0.policy == policy && $0.condition == condition }
    }

    private func shown(
        _ endpoint: String, policy: String = Claims.subject, condition: String = heldout
    ) -> [ClaimEvidence] {
        find(endpoint, policy, condition).map { ClaimEvidence(row: $0, rule: "shown", verdict: .shown) }
    }

    /// - Parameter above: the value must also lie above the row's control.
    private func evidence(
        _ endpoint: String, policy: String = Claims.subject, condition: String = heldout, rule: String,
        supports: (Estimate) -> Bool, above: Bool = false, contradicts: (Estimate) -> Bool
    ) -> [ClaimEvidence] {
        find(endpoint, policy, condition).map { row in
            let estimate = Estimate(value: row.value, low: row.low, high: row.high)
            let clears = !above || (row.controlValue.map(estimate.lies(above:)) ?? false)
            let verdict: ClaimEvidence.Verdict =
                supports(estimate) && clears ? .supports : contradicts(estimate) ? .contradicts : .open
            return ClaimEvidence(row: row, rule: rule, verdict: verdict)
        }
    }

    /// Supported when all `count` pieces are there and support; refuted when one of `refuting` contradicts.
    private static func allSupport(
        _ evidence: [ClaimEvidence], _ count: Int, refutedBy refuting: [ClaimEvidence]
    ) -> Claim.Verdict {
        if refuting.contains(where: { $0.verdict == .contradicts }) { return .refuted }
        return evidence.count == count && evidence.allSatisfy { $0.verdict == .supports } ? .supported : .undecided
    }

    private static func majority(_ evidence: [ClaimEvidence]) -> Claim.Verdict {
        let half = evidence.count / 2
        if evidence.count(where: { $0.verdict == .supports }) > half { return .supported }
        return evidence.count(where: { $0.verdict == .contradicts }) > half ? .refuted : .undecided
    }
}
