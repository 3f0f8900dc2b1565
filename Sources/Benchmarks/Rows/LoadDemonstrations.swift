import Basics
import Demonstrations
import Foundation
import Tabletop

/// A gzip robomimic file with both cameras, read from the system's file cache into the uint8 cache.
final class LoadDemonstrations: Measurable {
    let path: String
    private let generated: [RecordedEpisode]
    private let workers: Int
    let flops = 0
    /// Of the images, decoded.
    let bytes: Int
    var limit: MachineLimit { .inflate(path: path) }
    let note: String

    convenience init(_ context: BenchmarkContext) throws { try self.init(context, demonstrations: context.sizes.demonstrations) }

    /// Takes the context's file, or generates one.
    init(_ context: BenchmarkContext, demonstrations: Int) throws {
        workers = context.workers
        if let file = context.file {
            path = file
            generated = []
        } else {
            path = "\(context.temporaryFolder)/lift-\(demonstrations).hdf5"
            context.progress("load_robomimic: generating \(demonstrations) demonstrations")
            let made = try TabletopGenerator.generate(
                task: "lift", demonstrations: demonstrations, seed: 0, workers: context.workers,
                imageSize: context.sizes.frameSize)
            try RobomimicWriter.write(made.episodes, environment: made.environment, masks: [:], compress: true, to: path)
            generated = made.episodes
        }
        let set = try RobomimicFile.load(DatasetSelection(path: path), workers: workers)
        bytes = set.totalFrames * set.cameras.reduce(0) { $0 + $1.frameByteCount }
        guard bytes > 0 else {
            throw Failure(
                .data, "the file to load has no images", at: path, expected: "cameras with gzip-compressed frames",
                remedy: "name another with --file, or leave it out to generate one")
        }
        let mebibytes = Double(bytes) / 1_048_576
        note = "\(set.episodes.count) demonstrations, \(set.cameras.count) cameras, cache of \(String(format: "%.1f", mebibytes)) MiB"
    }

    func run() throws { _ = try RobomimicFile.load(DatasetSelection(path: path), workers: workers) }

    /// Every pixel is the generated one; a file of the user's gives the same pixels with another number of workers.
    func check() throws {
        let set = try RobomimicFile.load(DatasetSelection(path: path), workers: workers)
        let other = ResultCheck.otherWorkers(than: workers)
        let again = generated.isEmpty ? try RobomimicFile.load(DatasetSelection(path: path), workers: other) : nil
        for (demonstration, episode) in set.episodes.enumerated() {
            for (index, camera) in set.cameras.enumerated() {
                for frame in 0..<episode.length {
                    let reference = FrameReference(demonstration: demonstration, frame: frame)
                    let same = set.withPixels(reference, camera: index) { pixels in
                        if let again { return again.withPixels(reference, camera: index) { Self.areEqual(pixels, $0) } }
                        guard let recorded = generated[demonstration].cameras[camera.key]?.pixels else { return false }
                        return recorded.withUnsafeBufferPointer { recorded in
                            let start = frame * pixels.count
                            guard recorded.count >= start + pixels.count else { return false }
                            return Self.areEqual(pixels, UnsafeBufferPointer(rebasing: recorded[start..<start + pixels.count]))
                        }
                    }
                    try ResultCheck.require(
                        same, "loaded pixels are not those of the file", row: "load_robomimic", expected: "equal bytes",
                        found: "others in \(episode.name), \(camera.key), frame \(frame)")
                }
            }
        }
    }

    private static func areEqual(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> Bool {
        guard first.count == second.count, let a = first.baseAddress, let b = second.baseAddress else { return false }
        return memcmp(a, b, first.count) == 0
    }
}
