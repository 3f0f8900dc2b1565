import Basics
import Compute
import Demonstrations
import Foundation
import Networks
import Policies
import PolicyFolders
import Testing
import TestSupport

@testable import PolicyServers

/// The example of a server in Python, with a policy's folder as a run writes it.
@Suite struct ServeDiffusionTests {
    /// Python with what serve_diffusion.py needs: `ALT_PYTHON`, or python3 where it has them.
    private static let python: ExternalProgram? = {
        let name = ProcessInfo.processInfo.environment["ALT_PYTHON"] ?? "python3", needed = "import torch, safetensors.torch, numpy, msgpack, websockets.sync.server"
        guard let program = ExternalProgram(name), let result = try? program.run(["-c", needed]) else { return nil }
        return result.status == 0 ? program : nil
    }()

    private static let layout = WindowLayout(horizon: 8, observationSteps: 2, executedSteps: 4)

    /// One demonstration of random images, poses and actions.
    private static var demonstrations: DemonstrationSet {
        var source = RandomSource(Seed(6))
        let camera = Camera(key: "front_image", height: 14, width: 17), length = 9
        let episode = Episode(
            name: "demo_0", length: length, actions: (0..<2 * length).map { _ in Float(source.uniform(-30, 30)) },
            lowDim: (0..<3 * length).map { _ in Float(source.uniform(-2, 2)) })
        return DemonstrationSet(
            path: "memory", cameras: [camera], lowDimKeys: [LowDimKey(key: "pose", width: 2), LowDimKey(key: "gripper", width: 1)], actionDimension: 2,
            episodes: [episode], environment: nil, pixels: (0..<length * camera.frameByteCount).map { _ in UInt8(source.index(below: 256)) })
    }

    /// Writes an untrained policy, beside the loader that a run puts there.
    private static func write(_ set: DemonstrationSet, to folder: String) throws {
        let stored = StoredDiffusion(PolicyInterface { ($0.observation, $0.actionDimension, $0.windows, $0.imageSize) = (ObservedKeys(set), 2, layout, 12) }) {
            ($0.encoder.channels, $0.encoder.keypoints, $0.encoder.features) = ([4, 8], 4, 6)
            ($0.unet.downDims, $0.unet.stepEmbedding, $0.unet.groupCount) = ([8, 16], 8, 4)
            ($0.noise.steps, $0.samplers.ddpm, $0.samplers.ddim) = (20, 10, 4)
        }
        let network = DiffusionNetwork(
            .init(
                cameras: ["front_image"], imageSize: 12, lowDimDimension: 3, actionDimension: 2, horizon: 8, observationSteps: 2, encoder: stored.encoder,
                unet: stored.unet))
        let observation = set.observation(FrameReference(demonstration: 0, frame: 5), steps: 2)
        try stored.write(
            to: "\(folder)/diffusion", parameters: network.store.tensors(of: network.store.makeInitialized(Seed(24))), .fit(set, demonstrations: [0]),
            example: observation, pool: WorkerPool(workers: 2))
        for (name, content) in PolicyFolder.guides { try AtomicFile.write(content, to: "\(folder)/\(name)") }
    }

    @Test(.enabled(if: python != nil, "needs Python with torch, safetensors, numpy, msgpack and websockets: set ALT_PYTHON"))
    func `the example server answers over the protocol, the same to the same seed, and says what it lacks`() throws {
        let set = Self.demonstrations, folder = try SharedData.temporaryFolder()
        try Self.write(set, to: folder)
        let server = Process(), output = Pipe()
        server.executableURL = URL(fileURLWithPath: try #require(Self.python).path)
        server.arguments = ["\(SharedData.root)/Sources/PolicyServers/serve_diffusion.py", "\(folder)/diffusion", "--port", "0"]
        server.standardOutput = output
        try server.run()
        // It inherits the tests' blocked signals, so that a gentler one would leave it running.
        defer { kill(server.processIdentifier, SIGKILL) }
        // Its first line names the port; the end of its output would come in its place.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let address = try ServerAddress(#require(line.split(whereSeparator: \.isWhitespace).last { $0.hasPrefix("ws://") }.map(String.init), "\(line)"))

        let connection = try PolicyConnection(to: address), published = PublishedPolicy(connection.metadata)
        #expect((published.horizon, published.actionDimension, published.firstAction) == (8, 2, .firstObserved))
        func policy(_ keys: SentKeys = SentKeys()) throws -> ServedPolicy {
            let settings = ServedPolicySettings { ($0.keys, $0.history, $0.seedKey, $0.firstAction) = (keys, .steps, "seed", .firstObserved) }
            return try ServedPolicy(connection, settings, cameras: set.cameras, lowDimKeys: set.lowDimKeys, actionDimension: 2, layout: Self.layout)
        }
        let observations = (3...4).map { set.observation(FrameReference(demonstration: 0, frame: $0), steps: 2) }
        let answers = try policy().predict(observations, samples: 2, seed: Seed(1))
        #expect(try policy().predict(observations, samples: 2, seed: Seed(1)) == answers)
        #expect(try policy().predict(observations, samples: 2, seed: Seed(2)) != answers)
        #expect(answers.map { $0.map(\.actions.count) } == [[16, 16], [16, 16]] && answers[0][0] != answers[0][1])
        let failure = try #require(throws: Failure.self) { try policy(SentKeys([.init("pose", ["pose"])])).predict(observations, samples: 1, seed: Seed(1)) }
        #expect(failure.kind == .data && failure.found == "the observation lacks front_image; it has pose, seed", "\(failure)")
        #expect(try policy().predict(observations, samples: 2, seed: Seed(1)) == answers)
    }
}
