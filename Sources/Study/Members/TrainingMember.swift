import Basics
import Policies

/// One training of a diffusion policy's network: what it sees, what it learns from and for how long.
struct TrainingMember {
    enum View: Hashable {
        /// `data.cameras` and `data.low_dim`.
        case images
        /// `state.low_dim` alone.
        case state
    }

    /// Folder below `checkpoints`, and stage in `metrics.csv`.
    let name: String
    /// What the policies made from it are called: `diffusion`, `state`, `behaviour_cloning`, `state_behaviour_cloning`.
    let family: String
    let view: View
    let objective: TrainingObjective
    let part: StudyPart
    /// Number of the training seed.
    let seedNumber: Int
    /// Root of everything random in the training.
    let seed: Seed
    let steps: Int
}

/// The trainings of a study.
struct TrainingMembers {
    let settings: Settings

    /// The policy under study, of each training seed; the first is the headline.
    var diffusion: [TrainingMember] {
        (0..<settings.diffusion.seeds).map { number in
            let root = settings.root / "diffusion"
            return TrainingMember(
                name: number == 0 ? "diffusion" : "diffusion-s\(number)", family: "diffusion", view: .images,
                objective: .generative(settings.sampler(.ddpm)), part: .main, seedNumber: number,
                seed: number == 0 ? root : root / number, steps: settings.diffusion.training.steps)
        }
    }

    /// Regression with the same network.
    var behaviourCloning: TrainingMember {
        TrainingMember(
            name: "behaviour-cloning", family: "behaviour_cloning", view: .images, objective: .regression, part: .main,
            seedNumber: 0, seed: settings.root / "behaviour-cloning", steps: settings.behaviourCloning.steps)
    }

    /// Every training on low-dim observations. Twins and sizes have the seed of the first, so that nothing but the
    /// demonstrations differs.
    var state: [TrainingMember] {
        let steps = settings.state.steps
        return (0..<settings.state.seeds).map { state(.main, number: $0, steps: steps) } + [regression(.main)]
            + [state(.twin, number: 0, steps: steps), regression(.twin)]
            + settings.state.sizes.sorted().map { count in
                state(.size(count), number: 0, steps: max(1, steps * count / settings.data.split.train))
            }
    }

    /// The trainings of a part on low-dim observations.
    func state(of part: StudyPart) -> [TrainingMember] { state.filter { $0.part == part } }

    private func state(_ part: StudyPart, number: Int, steps: Int) -> TrainingMember {
        TrainingMember(
            name: part == .main ? "state-s\(number)" : "state-\(part.name)", family: "state", view: .state,
            objective: .generative(settings.sampler(.ddpm)), part: part, seedNumber: number,
            seed: settings.root / "state" / number, steps: steps)
    }

    private func regression(_ part: StudyPart) -> TrainingMember {
        TrainingMember(
            name: part == .main ? "state-behaviour-cloning" : "state-behaviour-cloning-\(part.name)",
            family: "state_behaviour_cloning", view: .state, objective: .regression, part: part, seedNumber: 0,
            seed: settings.root / "state-behaviour-cloning", steps: settings.behaviourCloning.stateSteps)
    }
}
