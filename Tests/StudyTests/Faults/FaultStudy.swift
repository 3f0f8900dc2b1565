import Basics
import Demonstrations
import Foundation
import Synchronization
import Tabletop
import TestSupport

/// A study of a second with nearly every kind of file, and the built program that works on it.
final class FaultStudy: Sendable {
    /// Made once for all tests of a process.
    static let shared: Result<FaultStudy, any Error> = Result { try FaultStudy() }

    /// How a process ended, and what it wrote to standard error, with paths below the results.
    struct Ending: Sendable {
        enum Way: Equatable, Sendable, CustomStringConvertible {
            case exit(Int32), signal(Int32), hang

            var description: String {
                switch self {
                case .exit(let code): "exit \(code)"
                case .signal(let number): "signal \(number)"
                case .hang: "no end within \(Int(FaultStudy.timeLimit)) s"
                }
            }
        }

        var way: Way
        var said: String

        var description: String {
            let lines = said.split(separator: "\n").prefix(4).map { $0.trimmingCharacters(in: .whitespaces) }
            return lines.isEmpty ? "\(way)" : "\(way): \(lines.joined(separator: " | "))"
        }
    }

    /// The override of a study that shares its trainings with the first.
    static let otherStudy = ["probes.resamples=21"]
    static let timeLimit = 60.0

    /// Without symbolic links, as paths of open files are.
    let folder: String
    private let library: String
    private let trees = Mutex(0)

    private init() throws {
        folder = URL(fileURLWithPath: try SharedData.temporaryFolder()).resolvingSymlinksInPath().path
        library = URL(fileURLWithPath: BuiltProgram.path).deletingLastPathComponent().path + "/libFaultInjection.so"
        // Small pictures of a simulator that is not ours: scenes are not drawn anew under other lights.
        let made = try TabletopGenerator.generate(task: "lift", demonstrations: 7, seed: 0, workers: 2, imageSize: 20)
        try RobomimicWriter.write(
            made.episodes, environment: #"{"env_name": "Lift", "type": 1, "env_kwargs": {}}"#, masks: [:], compress: true,
            to: folder + "/lift.hdf5")
        try AtomicFile.write(Self.settings, to: folder + "/faults.yaml")
    }

    /// One worker, so that calls come in the same order every time.
    private static let settings = """
        experiment: faults
        workers: 1
        data:
          path: lift.hdf5
          cameras: [agentview_image]
          split: {train: 2, reference: 2}
        image: {crop: 16}
        diffusion:
          encoder: {channels: [4], keypoints: 2, features: 4}
          unet: {down_dims: [8, 8], step_embedding: 8, kernel_size: 3, group_count: 4}
          noise: {steps: 4}
          training: {steps: 12, batch_size: 4, learning_rate: 1.0e-4, warmup_steps: 2, checkpoint_every: 4, audited_steps: [4]}
          samplers: {ddpm: 4, ddim: 2}
          twin: true
        alt:
          encoder: {channels: [4], keypoints: 2, features: 4, embedding: 4}
          training: {epochs: 1, batch_size: 16, checkpoint_every: 5}
          threshold: {false_alarm_rate: 0.4}
        behaviour_cloning: {steps: 2, state_steps: 2, images: true, two_step: true}
        flow_matching: {levels: 8, sampling_steps: 4, steps: 2, state_steps: 2}
        action_chunking:
          transformer: {width: 8, heads: 2, feed_forward: 8, encoder_layers: 1, decoder_layers: 1}
          steps: 2
          state_steps: 2
        state: {unet: null, steps: 3, learning_rate: null, seeds: 2, sizes: [3], splits: 1, spacing: false}
        manifolds:
          shapes: [star]
          points: [20]
          settings: [corrected]
          seeds: 1
          samples: 16
          large: {layers: 1, width: 8}
          batch_size: 8
          corrected: {steps: 5}
        probes:
          names: [p01, p02, p17]
          conditions: [cat]
          frames_per_demonstration: 1
          samples: 1
          images_per_class: 1
          photographs: absent
          resamples: 20
          latency_queries: 2
          reference_size: false

        """

    /// The place of a results folder that nobody has used.
    func freshResults() -> String {
        "\(folder)/results-\(trees.withLock { $0 += 1; return $0 })"
    }

    /// Runs the study in a results folder to its end, or to what the fault makes of it.
    /// - Parameters:
    ///   - log: gets a line for every call counted.
    ///   - countsStatus: whether calls of `status.json` are. It states the step of work that takes seconds, by the clock, so that
    ///     with them two runs never make the same calls once they have drawn figures.
    func run(
        _ results: String, _ overrides: [String] = [], fault: Fault? = nil, log: String? = nil, countsStatus: Bool = false
    ) throws -> Ending {
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        environment["LD_PRELOAD"] = library
        environment["FAULT_UNDER"] = results
        environment["FAULT_LOG"] = log
        environment["FAULT_SKIP"] = countsStatus ? nil : "status.json"
        if let fault { environment.merge(fault.environment) { $1 } }
        let complaints = results + ".said"
        try AtomicFile.write("", to: complaints)
        defer { unlink(complaints) }

        let process = Process(), ended = DispatchSemaphore(value: 0)
        process.executableURL = URL(fileURLWithPath: BuiltProgram.path)
        process.arguments = ["run", "faults.yaml", "--results", results, "--quiet", "seed=3"] + overrides
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: complaints))
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        var way: Ending.Way?
        if ended.wait(timeout: .now() + Self.timeLimit) == .timedOut {
            way = .hang
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
        }
        let status = process.terminationStatus
        let said = String(decoding: try FileSystem.read(complaints), as: UTF8.self)
        return Ending(
            way: way ?? (process.terminationReason == .uncaughtSignal ? .signal(status) : .exit(status)),
            said: said.replacing(results + "/", with: ""))
    }

    /// Runs the study without a fault.
    /// - Returns: the calls that change files, in order.
    func calls(_ results: String, countsStatus: Bool = false) throws -> [Call] {
        let log = results + ".calls"
        defer { unlink(log) }
        let ending = try run(results, log: log, countsStatus: countsStatus)
        guard ending.way == .exit(0) else { throw Failure(.defect, "an undisturbed run failed", found: ending.description) }
        return try Call.read(log, results: results)
    }
}
