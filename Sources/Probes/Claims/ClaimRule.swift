/// What a claim says and how its verdict is made from the evidence that decides it.
struct ClaimRule {
    private enum Decision {
        /// Supported when all pieces are there and support; refuted when one contradicts.
        case all
        /// Every endpoint is one piece, and most of its (condition, seed) pairs speak for it: supported when all pieces are
        /// there and support, refuted when one contradicts.
        case majorityOfEach
    }

    let statement: String
    /// For the reader, with the bounds.
    let sentence: String
    /// Whether it is about the memory of a policy, which must have fitted its training windows.
    let isAboutMemory: Bool
    private let decision: Decision

    init(_ id: ClaimID, _ rules: DecisionRules) {
        switch id {
        case .c1:
            self.init(
                "a diffusion policy returns training action sequences, also at unseen images",
                """
                supported: the DCR share's interval lies above \(rules.dcrShare) and C_T, plain and clustered, below \
                \(rules.proximityZ); refuted: the interval contains 0.5 or lies below
                """, .all)
        case .c2:
            self.init(
                "it does so by finding the nearest training image in a latent space",
                """
                supported: rank-match p below \(rules.rankMatchP) and nearer than held-out truth's, R² above \
                \(rules.rSquared) and above that of a denoiser that knows the truth, and bandwidth at most \
                \(rules.bandwidth); refuted: R²'s interval below either or the bandwidth's above
                """, .all)
        case .c3:
            self.init(
                "it switches between memories rather than interpolating",
                """
                supported: the largest weight of the blend lies above \(rules.largestWeight), and between two object positions a step \
                fits the answers better than a line; refuted: the weight lies below, or the line fits better
                """, .all)
        case .c4:
            self.init(
                "cats and dogs still give a training sequence, often one or two fallback sequences",
                """
                both halves in most (condition, seed) pairs. Still a training sequence: nearer to a training sequence than \
                held-out truth and than the training mean are, and, where a twin was trained on the other half, a symmetrised \
                share above \(rules.dcrShare). One or two fallbacks: the mass of the two most recalled demonstrations above \
                \(rules.topTwoMass) and above chance. Supported: all of them; refuted: one contradicts in most pairs
                """, .majorityOfEach)
        case .c5:
            self.init(
                "this is good in the sparse-data regime and fades as data grows",
                """
                supported: the DCR share above its floor falls with ln n; refuted: it grows. At equal epochs, low-dim policies
                """, .all)
        case .c6:
            self.init(
                "the Action Lookup Table matches the diffusion policy's task performance on small data",
                """
                supported: its success on the same starts is equivalent to the policy's within \(rules.equivalenceMargin), or better, and \
                above that of the nearest pixels; refuted: worse than either. Shown: open-loop error against the demonstrator, in D12
                """, .all, isAboutMemory: false)
        case .c7:
            self.init(
                """
                the table needs \(rules.timeRatio) of the policy's inference time and \(rules.memoryRatio) of its memory
                """,
                """
                supported: both ratios to DDPM at most the published ones; refuted: one of them above. Decided at the size that \
                the claim was made for, ResNet-18 encoders and 255 M parameters (\(Condition.timedAtReferenceSize)), where it was \
                timed, else at the study's (\(Condition.timed)); the other is shown
                """, .all, isAboutMemory: false)
        case .c8:
            self.init(
                "the table flags out-of-distribution input when the latent distance is large",
                """
                supported: its AUROC beats the best of pixel distance, k-th neighbour and Mahalanobis, and, where the table acted in \
                the simulator, it tells the episodes that fail from those that succeed before they end; refuted: it is beaten, or it \
                finds the successes more unusual
                """, .all, isAboutMemory: false)
        case .c9:
            self.init(
                "the table is multimodal and reactive",
                """
                supported: where two ways were demonstrated its best rows go both, and an object that is moved on the way costs less \
                than \(rules.equivalenceMargin) of its success; refuted: one way, or more
                """, .all, isAboutMemory: false)
        }
    }

    private init(_ statement: String, _ sentence: String, _ decision: Decision, isAboutMemory: Bool = true) {
        self.statement = statement
        self.sentence = sentence
        self.decision = decision
        self.isAboutMemory = isAboutMemory
    }

    /// - Parameters:
    ///   - evidence: without which there is no support.
    ///   - whereMeasured: what decides as well, but may be absent.
    ///   - wanted: pieces of `evidence` that must be there.
    func verdict(_ evidence: [ClaimEvidence], whereMeasured: [ClaimEvidence], wanted: Int) -> Claim.Verdict {
        let all = evidence + whereMeasured
        switch decision {
        case .all:
            if all.contains(where: { $0.reading == .contradicts }) { return .refuted }
            return wanted > 0 && evidence.count == wanted && all.allSatisfy { $0.reading == .supports } ? .supported : .undecided
        case .majorityOfEach:
            let pieces = Dictionary(grouping: all, by: \.row.endpoint.family).values
            func most(_ reading: Reading) -> Int { pieces.count { piece in piece.count { $0.reading == reading } > piece.count / 2 } }
            if most(.contradicts) > 0 { return .refuted }
            let isComplete = wanted > 0 && Set(evidence.map(\.row.endpoint.family)).count >= wanted
            return isComplete && most(.supports) == pieces.count ? .supported : .undecided
        }
    }
}
