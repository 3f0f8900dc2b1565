/// The profiles that every study has: `--smoke` and `--profile paper` need no line in a file. What a file says below its own
/// `profiles` goes on top.
enum StudyProfiles {
    static let yaml = """
        smoke:
          data.demonstrations: 12
          data.split.train: 4
          data.split.reference: 4
          diffusion.encoder.channels: [16, 16, 16]
          diffusion.unet.down_dims: [16, 32, 64]
          diffusion.training.steps: 20
          diffusion.training.batch_size: 16
          diffusion.training.warmup_steps: 5
          diffusion.training.checkpoint_every: 10
          diffusion.training.audited_steps: [5, 10]
          diffusion.twin: true
          diffusion.samplers.ddpm: 10
          diffusion.samplers.ddim: 4
          alt.encoder.channels: [16, 16, 16]
          alt.training.epochs: 1
          alt.training.checkpoint_every: 5
          alt.threshold.false_alarm_rate: 0.25
          behaviour_cloning.steps: 10
          behaviour_cloning.state_steps: 20
          behaviour_cloning.images: true
          flow_matching.steps: 10
          flow_matching.state_steps: 20
          flow_matching.images: true
          action_chunking.transformer: {width: 32, feed_forward: 64}
          action_chunking.steps: 10
          action_chunking.state_steps: 20
          action_chunking.images: true
          state.steps: 20
          state.seeds: 2
          state.sizes: [2]
          state.splits: 2
          probes.frames_per_demonstration: 2
          probes.samples: 2
          probes.images_per_class: 3
          probes.resamples: 200
          probes.latency_queries: 3
          probes.reference_size: false
          rollouts.starts: 4
          rollouts.primary_starts: 8
          rollouts.reference_starts: 4
          rollouts.choice_starts: 4
          rollouts.steps: 40
          manifolds.shapes: [star]
          manifolds.points: [20]
          manifolds.seeds: 1
          manifolds.samples: 64
          manifolds.large: {layers: 2, width: 32}
          manifolds.batch_size: 32
          manifolds.authors.steps_few_points: 50
          manifolds.corrected.steps: 50
        # 5 seeds and larger sizes: about half a day on 2 cores, and two days more for p17 with the authors' 10 x 1024 network (its
        # 16 trainings take 2 to 4 hours each). Stopped at any time, the same command goes on.
        paper:
          data.split.train: 32
          data.split.reference: 32
          diffusion.unet.down_dims: [128, 256, 512]
          diffusion.training.learning_rate: 1.0e-3
          diffusion.training.steps: 20000
          diffusion.training.audited_steps: [1000, 3000, 7500]
          diffusion.seeds: 5
          diffusion.twin: true
          alt.threshold.false_alarm_rate: 0.1
          behaviour_cloning.steps: 4000
          behaviour_cloning.state_steps: 3000
          behaviour_cloning.images: true
          state.unet: null
          state.steps: 10000
          state.learning_rate: null
          state.seeds: 5
          state.sizes: [4, 8, 16]
          behaviour_cloning.two_step: true
          flow_matching.steps: 20000
          flow_matching.state_steps: 10000
          flow_matching.images: true
          action_chunking.transformer: {width: 128, feed_forward: 512, encoder_layers: 3, decoder_layers: 3}
          action_chunking.steps: 20000
          action_chunking.state_steps: 10000
          action_chunking.images: true
          probes.frames_per_demonstration: 16
          probes.samples: 8
          probes.resamples: 10000
          probes.latency_queries: 100
          manifolds.points: [20, 100000]
          manifolds.seeds: 1
          manifolds.large: {layers: 10, width: 1024}
          manifolds.batch_size: 4096
          manifolds.checkpoint_every: 100
        # `alt audit`: what a policy is asked that was trained elsewhere, about a thousand sequences.
        audit:
          probes.samples: 2
          probes.most_frames: 96
          probes.images_per_class: 24
          probes.mixtures: 24
        # `alt audit --quick`: does it fit, does it recall, which input is the key.
        audit_quick:
          probes.names: [p00, p01, p02, p03, p08, p09]
          probes.conditions: [cat, dog, blank]
          probes.samples: 2
          probes.most_frames: 64
          probes.images_per_class: 24
          probes.mixtures: 12
          probes.resamples: 1000
          audit.controls: false
          audit.fast_steps: null
        """
}
