import Basics
import Demonstrations
import Foundation
import Images
import Probes
import Rollouts
import Tabletop

/// Observations made up for one probe: a condition, and what the probe must know of each observation beside.
struct DesignedCondition: Sendable {
    var query: QueryCondition
    let design: Design
    /// Where along the design each observation lies: a share of the way, metres, ...
    let coordinate: [Double]
    /// A second demonstration that has part in each observation.
    let other: [Int]
}

/// The designs of a study, a pure function of settings and data.
struct DesignedConditions {
    let data: StudyData
    /// The same demonstrations as the low-dim policies see them.
    let state: StudyData
    let settings: Settings

    private var root: Seed { settings.root / "designs" }
    private var steps: Int { data.layout.observationSteps }

    /// Those that a probe asks for. Mixtures of recorded frames can be made of any data, scenes of the embedded simulator's alone.
    func all(_ need: Need) throws -> [DesignedCondition] {
        switch need {
        case .mixtures: return mixtures()
        case .scenes, .forks:
            guard let task = RecordedScenes.task(of: data.set) else { return [] }
            let scenes = try SceneViews(
                images: TabletopScenes(task, like: data.set), state: TabletopScenes(task, like: state.set), steps: steps)
            return try need == .forks ? [fork(task, scenes)].compactMap { $0 } : [sweep(task, scenes), smallMoves(task, scenes)]
        default: return []
        }
    }

    // MARK: Mixtures of recorded frames

    /// Images of one training demonstration with the pose of another, at the same share of their lengths; and the pose with one
    /// camera, or all, showing nothing of use.
    private func mixtures() -> [DesignedCondition] {
        guard !data.set.cameras.isEmpty, data.set.lowDimDimension > 0, data.split.train.count > 1 else { return [] }
        var random = RandomSource(root / "mixtures")
        let pairs = (0..<settings.probes.mixtures).map { number -> (pose: FrameReference, image: FrameReference) in
            let pose = data.split.train[number % data.split.train.count]
            let others = data.split.train.filter { $0 != pose }, image = others[random.index(below: others.count)]
            let share = random.uniform(0.1, 0.9)
            func frame(_ demonstration: Int) -> FrameReference {
                FrameReference(demonstration: demonstration, frame: Int(share * Double(data.set.episodes[demonstration].length - 1)))
            }
            return (frame(pose), frame(image))
        }
        let set = data.set, steps = steps, seed = root / "pictures"
        func condition(
            _ design: Design, other: (Int) -> Int, _ images: @escaping @Sendable (_ index: Int, _ own: Observation) -> [[RGBImage]]
        ) -> DesignedCondition {
            let frames = pairs.map(\.pose)
            let query = QueryCondition(
                design.condition, .contradictory, frames: frames, cluster: frames.map(\.demonstration), unit: "demonstration",
                steps: data.layout.executedSteps
            ) { index, frame in
                var observation = set.observation(frame, steps: steps)
                observation.images = images(index, observation)
                return observation
            }
            return DesignedCondition(
                query: query, design: design, coordinate: frames.map { _ in 0 }, other: frames.indices.map(other))
        }
        let cameras = set.cameras.indices.map { camera in
            condition(.withoutCamera(set.cameras[camera].key), other: { pairs[$0].pose.demonstration }) { _, own in
                own.images.map { shown in
                    var shown = shown
                    shown[camera] = Self.blank(shown[camera])
                    return shown
                }
            }
        }
        return [
            condition(.intact, other: { pairs[$0].pose.demonstration }) { _, own in own.images },
            condition(.otherImage, other: { pairs[$0].image.demonstration }) { index, _ in
                set.observation(pairs[index].image, steps: steps).images
            },
            condition(.shuffledPixels, other: { pairs[$0].pose.demonstration }) { index, own in
                own.images.map { shown in
                    shown.enumerated().map { OutOfDistributionImages.pixelShuffled($1, seed: seed / "shuffled" / index / $0) }
                }
            },
            condition(.blankImage, other: { pairs[$0].pose.demonstration }) { _, own in
                own.images.map { $0.map(Self.blank) }
            },
            condition(.noiseImage, other: { pairs[$0].pose.demonstration }) { index, own in
                own.images.map { shown in
                    shown.enumerated().map {
                        OutOfDistributionImages.make(
                            kind: .noise, count: 1, width: $1.width, height: $1.height, seed: seed / "noise" / index / $0)[0]
                    }
                }
            },
        ] + cameras
    }

    private static func blank(_ image: RGBImage) -> RGBImage {
        RGBImage(width: image.width, height: image.height, red: 128, green: 128, blue: 128)
    }

    // MARK: Scenes of the simulator

    /// The start of a training demonstration with the object on the way to where it lies in another: one of the two nearest, since
    /// on a longer way the object passes where it lies in a third.
    private func sweep(_ task: any TabletopTask, _ scenes: SceneViews) throws -> DesignedCondition {
        let starts = try data.split.train.map(start)
        func squared(_ first: Int, _ second: Int) -> Double {
            let way = starts[second].state.cubes[0].position - starts[first].state.cubes[0].position
            return way.x * way.x + way.y * way.y
        }
        let pairs = (0..<2).flatMap { place in
            starts.indices.compactMap { first -> (Int, Int)? in
                let others = starts.indices.filter { $0 != first }.sorted { squared(first, $0) < squared(first, $1) }
                return place < others.count ? (first, others[place]) : nil
            }
        }
        var found: [(frame: FrameReference, other: Int, states: [TabletopState])] = []
        for (first, second) in pairs where found.count < Self.sweeps {
            let from = starts[first].state.cubes[0].position, goal = starts[second].state.cubes[0].position
            let states = Design.sweepShares.compactMap { share -> TabletopState? in
                let place = from + share * (goal - from)
                var simulator = TabletopSimulator(task: task, state: starts[first].state)
                return simulator.moveObject(0, to: SIMD2(place.x, place.y)) ? simulator.state : nil
            }
            if states.count == Design.sweepShares.count { found.append((starts[first].0, data.split.train[second], states)) }
        }
        return scenes.condition(
            .sweep, frames: found.map(\.frame), others: found.map(\.other), states: found.map(\.states),
            coordinates: Design.sweepShares, steps: data.layout.executedSteps, seed: root)
    }

    private static let sweeps = 16

    /// The start of a held-out demonstration with the object moved by millimetres in one direction.
    private func smallMoves(_ task: any TabletopTask, _ scenes: SceneViews) throws -> DesignedCondition {
        var random = RandomSource(root / "small_moves")
        var found: [(frame: FrameReference, states: [TabletopState])] = []
        for demonstration in data.split.query.prefix(Self.smallMoves) {
            let (frame, start) = try self.start(demonstration), from = start.cubes[0].position
            let angle = random.uniform(0, 2 * Double.pi), direction = Vector(cos(angle), sin(angle), 0)
            let states = Design.moveMetres.compactMap { metres -> TabletopState? in
                let place = from + metres * direction
                var simulator = TabletopSimulator(task: task, state: start)
                return simulator.moveObject(0, to: SIMD2(place.x, place.y)) ? simulator.state : nil
            }
            if states.count == Design.moveMetres.count { found.append((frame, states)) }
        }
        return scenes.condition(
            .smallMoves, frames: found.map(\.frame), others: found.map(\.frame.demonstration), states: found.map(\.states),
            coordinates: Design.moveMetres, steps: data.layout.executedSteps, seed: root)
    }

    private static let smallMoves = 16

    /// The moment at which the object has been picked up and the way may lead left or right; nil for a task with one way.
    private func fork(_ task: any TabletopTask, _ scenes: SceneViews) throws -> DesignedCondition? {
        guard task is DetourTask else { return nil }
        let forks = try data.split.query.compactMap { demonstration -> (FrameReference, TabletopState)? in
            for frame in 0..<data.set.episodes[demonstration].length {
                let reference = FrameReference(demonstration: demonstration, frame: frame)
                let state = try RecordedScenes.state(of: reference, in: data.set)
                if state.grasp?.cube == 0 { return (reference, state) }
            }
            return nil
        }.prefix(Self.forks)
        var designed = scenes.condition(
            .fork, frames: forks.map(\.0), others: forks.map(\.0.demonstration), states: forks.map { [$0.1] }, coordinates: [0],
            steps: data.layout.executedSteps, seed: root)
        designed.query.samples = Design.forkSamples
        designed.query.sharesDraws = false
        return designed
    }

    private static let forks = 16

    private func start(_ demonstration: Int) throws -> (FrameReference, state: TabletopState) {
        let frame = FrameReference(demonstration: demonstration, frame: 0)
        return (frame, try RecordedScenes.state(of: frame, in: data.set))
    }
}

/// Scenes as both kinds of policies observe them.
private struct SceneViews {
    let images, state: TabletopScenes
    let steps: Int

    /// Every group of states, one state for each coordinate; the unit is the group, asked with the same draws.
    func condition(
        _ design: Design, frames: [FrameReference], others: [Int], states: [[TabletopState]], coordinates: [Double], steps apart: Int,
        seed: Seed
    ) -> DesignedCondition {
        let all = states.flatMap { $0 }, count = coordinates.count, (images, state, steps) = (images, state, steps)
        func observe(_ scenes: TabletopScenes) -> @Sendable (Int, FrameReference) -> Observation {
            { index, frame in
                scenes.observation(of: all[index], steps: steps, source: frame, seed: seed / design.condition / (index / count))
            }
        }
        var query = QueryCondition(
            design.condition, .altered, frames: frames.flatMap { Array(repeating: $0, count: count) },
            cluster: frames.indices.flatMap { Array(repeating: $0, count: count) }, unit: "scene", steps: apart, observe(images))
        query.observeState = observe(state)
        query.sharesDraws = true
        return DesignedCondition(
            query: query, design: design, coordinate: states.flatMap { _ in coordinates },
            other: others.flatMap { Array(repeating: $0, count: count) })
    }
}
