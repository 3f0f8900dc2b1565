import Basics
import Demonstrations
import Networks
import Policies

/// Settings joined with what the demonstrations say.
extension Settings {
    /// Root of every random substream.
    var root: Seed { Seed(UInt64(seed)) }

    func unet(_ view: ObservationView) -> UnetConfiguration {
        switch view {
        case .images: diffusion.unet
        case .state: state.unet ?? diffusion.unet
        }
    }

    func diffusionNetwork(_ set: DemonstrationSet, _ view: ObservationView = .images) -> DiffusionNetworkConfiguration {
        DiffusionNetworkConfiguration(
            cameras: set.cameras.map(\.key), imageSize: image.crop, lowDimDimension: set.lowDimDimension,
            actionDimension: set.actionDimension, horizon: windows.horizon, observationSteps: windows.observationSteps,
            encoder: diffusion.encoder, unet: unet(view))
    }

    /// With the diffusion policy's backbones.
    func actionChunkingNetwork(_ set: DemonstrationSet) -> ActionChunkingConfiguration {
        ActionChunkingConfiguration(
            cameras: set.cameras.map(\.key), imageSize: image.crop, lowDimWidths: set.lowDimKeys.map(\.width),
            actionDimension: set.actionDimension, horizon: windows.horizon, observationSteps: windows.observationSteps,
            encoder: backbone, transformer: actionChunking.transformer)
    }

    /// What of the encoder's settings reaches its backbone.
    var backbone: ImageEncoderConfiguration {
        ImageEncoderConfiguration { ($0.variant, $0.channels) = (diffusion.encoder.variant, diffusion.encoder.channels) }
    }

    /// - Parameter steps: other trainings than the headline's differ in nothing but their length and, on low-dim observations, their
    ///   learning rate.
    func diffusionTraining(_ view: ObservationView, steps: Int) -> DiffusionTrainingConfiguration {
        var training = diffusion.training
        training.steps = steps
        if view == .state, let rate = state.learningRate { training.learningRate = rate }
        return training
    }

    func sampler(_ kind: DenoisingProcess.Kind) -> DenoisingProcess {
        DenoisingProcess(
            kind, schedule: diffusion.noise.schedule, steps: diffusion.samplers.steps(kind),
            clipsPrediction: diffusion.noise.clip)
    }

    func contrastiveNetwork(_ set: DemonstrationSet, _ recipe: EncoderTraining.Recipe = .published) -> ContrastiveConfiguration {
        ContrastiveConfiguration(
            cameraCount: set.cameras.count, imageSize: image.crop, encoder: recipe == .pretrained ? alt.encoder.pretrainedNetwork : alt.encoder.network)
    }

    /// What is left of it without its head.
    func sharedEncoder(_ set: DemonstrationSet) -> SharedEncoderConfiguration {
        SharedEncoderConfiguration(cameraCount: set.cameras.count, imageSize: image.crop, image: alt.encoder.network.image)
    }
}
