import Basics
import CHDF5
import CZlib
import Compute
import Demonstrations

/// Rate of zlib on the compressed chunks of a file's images: what no gzip reader with zlib goes beyond.
enum InflateRate {
    private struct Chunk {
        let compressed: [UInt8]
        let byteCount: Int

        /// - Returns: whether zlib makes `byteCount` bytes of it.
        @discardableResult func inflate(to target: inout [UInt8]) -> Bool {
            var length = uLongf(target.count)
            return uncompress(&target, &length, compressed, uLong(compressed.count)) == Z_OK && Int(length) == byteCount
        }
    }

    /// - Returns: GB/s of decoded images by all workers together, the best of a few tries; nil when the file has no
    ///   gzip chunks.
    /// - Throws: `Failure` (`data`) when the file cannot be read.
    static func measure(path: String, workers: Int) throws -> Double? {
        let set = try RobomimicFile.load(DatasetSelection(path: path))
        let file = H5Fopen(path, alt_h5_read_only(), alt_h5_default_properties())
        guard file >= 0 else { throw Failure(.data, "the HDF5 library cannot open a file", at: path) }
        defer { H5Fclose(file) }
        var chunks: [Chunk] = []
        for episode in set.episodes {
            for camera in set.cameras {
                let dataset = H5Dopen2(file, "/data/\(episode.name)/obs/\(camera.key)", alt_h5_default_properties())
                guard dataset >= 0 else { continue }
                defer { H5Dclose(dataset) }
                chunks += read(dataset)
            }
        }
        let bytes = chunks.reduce(0) { $0 + $1.byteCount }
        guard bytes > 0 else { return nil }
        let pool = WorkerPool(workers: workers)
        let all = chunks
        func run() {
            // One lane a worker, each with chunks from all over the file.
            pool.run(lanes: workers) { lane, _ in
                var target = [UInt8](repeating: 0, count: all.map(\.byteCount).reduce(0, max))
                for chunk in stride(from: lane, to: all.count, by: workers) { all[chunk].inflate(to: &target) }
            }
        }
        run()
        let best = Timing.best(of: 3, run)
        return Double(bytes) / best / 1e6
    }

    /// The chunks of a dataset [N, H, W, 3] as they lie in the file; those that zlib alone does not inflate are left out.
    private static func read(_ dataset: hid_t) -> [Chunk] {
        let properties = H5Dget_create_plist(dataset), space = H5Dget_space(dataset)
        defer {
            H5Pclose(properties)
            H5Sclose(space)
        }
        var extents = [hsize_t](repeating: 0, count: 4), count: hsize_t = 0
        guard H5Pget_chunk(properties, 4, &extents) == 4, H5Pget_nfilters(properties) > 0,
            H5Dget_num_chunks(dataset, space, &count) >= 0
        else { return [] }
        let byteCount = Int(extents.reduce(1, *))
        var target = [UInt8](repeating: 0, count: byteCount)
        return (0..<count).compactMap { index in
            var offset = [hsize_t](repeating: 0, count: 4), mask: UInt32 = 0, address: haddr_t = 0, size: hsize_t = 0
            guard H5Dget_chunk_info(dataset, space, index, &offset, &mask, &address, &size) >= 0, mask == 0 else { return nil }
            var compressed = [UInt8](repeating: 0, count: Int(size))
            guard H5Dread_chunk(dataset, alt_h5_default_properties(), &offset, &mask, &compressed) >= 0 else { return nil }
            let chunk = Chunk(compressed: compressed, byteCount: byteCount)
            return chunk.inflate(to: &target) ? chunk : nil
        }
    }
}
