import Basics
import Compute
import Demonstrations
import Networks
import Policies

/// Settings translated to the configurations of the things they configure.
extension Settings {
    /// Root of every random substream.
    var root: Seed { Seed(UInt64(seed)) }

    func diffusionNetwork(_ set: DemonstrationSet) -> DiffusionNetworkConfiguration {
        DiffusionNetworkConfiguration(
            cameras: set.cameras.map(\.key), imageSize: image.crop, lowDimDimension: set.lowDimDimension,
            actionDimension: set.actionDimension, horizon: windows.horizon, observationSteps: windows.observationSteps,
            encoder: ImageEncoderConfiguration(
                variant: diffusion.encoder.variant == .compact ? .compact : .resnet18,
                channels: diffusion.encoder.channels, keypoints: diffusion.encoder.keypoints,
                features: diffusion.encoder.features),
            unet: UnetConfiguration(
                downDims: diffusion.unet.downDims, stepEmbedding: diffusion.unet.stepEmbedding,
                kernelSize: diffusion.unet.kernelSize, groupCount: diffusion.unet.groupCount))
    }

    /// - Parameter steps: other trainings than the headline's differ in nothing but their length.
    func diffusionTraining(steps: Int) -> DiffusionTrainingConfiguration {
        let training = diffusion.training
        return DiffusionTrainingConfiguration(
            steps: steps, batchSize: training.batchSize,
            optimizer: AdamW.Configuration(
                learningRate: Float(training.learningRate), beta1: Float(training.betas[0]),
                beta2: Float(training.betas[1]), weightDecay: Float(training.weightDecay)),
            warmupSteps: training.warmupSteps, emaPower: training.emaPower, emaMaximum: training.emaMaximum,
            gradientClip: training.gradientClip.map(Float.init))
    }

    func sampler(_ kind: DenoisingProcess.Kind) -> DenoisingProcess {
        DenoisingProcess(
            kind, schedule: NoiseSchedule(steps: diffusion.noise.steps),
            steps: kind == .ddpm ? diffusion.samplers.ddpm : diffusion.samplers.ddim,
            clipsPrediction: diffusion.noise.clip)
    }

    func contrastiveNetwork(_ set: DemonstrationSet) -> ContrastiveConfiguration {
        ContrastiveConfiguration(
            cameraCount: set.cameras.count, imageSize: image.crop,
            encoder: ImageEncoderConfiguration(
                variant: .compact, channels: alt.encoder.channels, keypoints: alt.encoder.keypoints,
                features: alt.encoder.features),
            embedding: alt.encoder.embedding)
    }

    var contrastiveTraining: ContrastiveTrainingConfiguration {
        let training = alt.training
        return ContrastiveTrainingConfiguration(
            epochs: training.epochs, batchSize: training.batchSize, learningRate: Float(training.learningRate),
            temperature: Float(training.temperature),
            augmentation: ImageAugmentation(
                brightness: training.brightness, contrast: training.contrast, saturation: training.saturation,
                hue: training.hue, cropScale: training.cropScale[0]...training.cropScale[1]))
    }

    var similarityThreshold: SimilarityThreshold {
        switch alt.threshold.method {
        case .calibrated: .calibrated(falseAlarmRate: alt.threshold.falseAlarmRate)
        case .fixed: .fixed(alt.threshold.similarity)
        }
    }
}
