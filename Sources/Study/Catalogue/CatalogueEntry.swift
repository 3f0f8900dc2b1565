import Networks
import Policies
import Probes

/// One policy of a study.
struct CatalogueEntry: Sendable {
    /// In which parts of a study it is asked.
    enum Parts: Sendable {
        case main, mainAndTwin, every

        func contains(_ part: StudyPart) -> Bool {
            switch (self, part) {
            case (_, .main), (.mainAndTwin, .twin), (.every, _): true
            default: false
            }
        }
    }

    enum Asked: Sendable {
        case everywhere
        /// Only at observations that are frames of the data: it answers by the frame's truth or its state, which no picture in
        /// place of the camera's image changes, or it serves probes that look at nothing else.
        case atFrames
        case never
    }

    /// What P05 compares with the exact denoiser.
    enum Denoiser: Sendable {
        case network
        /// An answer that does not depend on the noisy sequence.
        case constant
    }

    let id: PolicyID
    /// Policies that differ only in training seed, steps or number of demonstrations share a family.
    let family: String
    let view: ObservationView
    let parts: Parts
    let asked: Asked
    /// Whether it is asked under a condition.
    func isAsked(_ condition: QueryCondition) -> Bool { condition.hasTruth || asked == .everywhere }

    /// In which scenes it is let loose in the simulator; none where it cannot act.
    let acts: [RolloutScene]
    /// Nil for a policy that is not trained, or by the lookup table's own stage.
    let training: (@Sendable (StudyPart) -> PolicyTraining)?
    /// Steps of a kept checkpoint; nil for the whole training.
    let steps: Int?
    /// Whether single queries are timed.
    let isTimed: Bool
    let denoiser: Denoiser?
    /// What its answers depend on, beside the demonstrations and the observations.
    let sources: [PolicySource]
    /// What the data must have for it: cameras; the states of the embedded simulator, which made them.
    let needsCameras, needsSimulator: Bool
    /// Nil where the data have not what it needs.
    let make: @Sendable (PolicyMaker) throws -> (any Policy)?

    init(
        _ id: PolicyID, family: String? = nil, view: ObservationView = .images, parts: Parts = .main, asked: Asked = .everywhere, acts: [RolloutScene] = [],
        training: (@Sendable (StudyPart) -> PolicyTraining)? = nil, sampler: DenoisingProcess.Kind? = nil, steps: Int? = nil,
        sources: [PolicySource] = [], isTimed: Bool = false, denoiser: Denoiser? = nil, needsCameras: Bool = false,
        needsSimulator: Bool = false, make: @escaping @Sendable (PolicyMaker) throws -> (any Policy)?
    ) {
        self.id = id
        self.family = family ?? id.name
        self.view = view
        self.parts = parts
        self.asked = asked
        self.acts = acts
        self.training = training
        self.steps = steps
        self.isTimed = isTimed
        self.denoiser = denoiser
        self.sources =
            sources + [training.map { .training($0, step: steps) }, sampler.map { .sampler($0) }].compactMap { $0 }
        self.needsCameras = needsCameras
        self.needsSimulator = needsSimulator
        self.make = make
    }
}
