import Basics
import CHDF5
import CZlib
import Synchronization

/// Images stored in gzip chunks, inflated by several threads.
///
/// The library inflates under its global lock and copies a chunk in runs of the innermost axis, which h5py's automatic
/// chunks make two bytes long. Here only the stored chunks are read under a lock, one buffer per thread.
struct HDF5GzipImages: Sendable {
    /// Larger chunks would make the threads' buffers a part of the memory that counts.
    private static let largestChunk = 4 << 20

    private let dataset: hid_t
    private let shape: [Int]  // [N, H, W, 3]
    private let chunk: [Int]
    private let chunkCounts: [Int]

    /// nil for anything but uint8 [N, H, W, 3] in chunks whose one filter is gzip.
    init?(_ dataset: HDF5Dataset) {
        guard dataset.elementType == .integer(bits: 8, signed: false), dataset.shape.count == 4, dataset.shape[3] == 3,
            let chunk = dataset.gzipChunk, chunk.count == 4, chunk[3] <= 3, chunk.allSatisfy({ 1...Self.largestChunk ~= $0 }),
            chunk.reduce(1, { min($0 * $1, Self.largestChunk + 1) }) <= Self.largestChunk
        else { return nil }
        self.dataset = dataset.handle.id
        self.shape = dataset.shape
        self.chunk = chunk
        chunkCounts = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
    }

    /// Reads everything into `destination`, [N, H, W, 3].
    /// - Returns: false when a chunk is absent, stored unlike the others or damaged: then H5Dread has to say what is there.
    func read(into destination: UnsafeMutableRawBufferPointer, pool: WorkerPool) -> Bool {
        precondition(destination.count == shape.reduce(1, *), "\(destination.count) bytes for images \(shape)")
        let byteCount = chunk.reduce(1, *)
        let queue = Mutex(Queue(chunkCount: chunkCounts.reduce(1, *)))
        // Every byte belongs to one chunk, and every chunk to one thread.
        nonisolated(unsafe) let destination = destination
        pool.run(lanes: pool.workers) { _, _ in
            HDF5Library.prepare()
            let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(compressBound(uLong(byteCount))), alignment: 64)
            let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
            defer {
                stored.deallocate()
                pixels.deallocate()
            }
            while let next = queue.withLock({ $0.next { read($0, into: stored) } }) {
                guard inflate(stored, byteCount: next.storedByteCount, into: pixels) else {
                    return queue.withLock { $0.isSound = false }
                }
                copy(pixels, of: next.chunk, to: destination)
            }
        }
        return queue.withLock { $0.isSound }
    }

    /// Chunks in order, until all are taken or one is not as expected.
    private struct Queue {
        let chunkCount: Int
        var taken = 0
        var isSound = true

        mutating func next(_ read: (Int) -> Int?) -> (chunk: Int, storedByteCount: Int)? {
            guard isSound, taken < chunkCount else { return nil }
            guard let storedByteCount = read(taken) else {
                isSound = false
                return nil
            }
            taken += 1
            return (taken - 1, storedByteCount)
        }
    }

    /// The stored bytes of a chunk; nil when there are none, too many, or they are not gzip.
    private func read(_ number: Int, into stored: UnsafeMutableRawBufferPointer) -> Int? {
        let offset = origin(of: number).map { hsize_t($0) }
        var byteCount: hsize_t = 0
        var skippedFilters: UInt32 = 0
        let isRead =
            H5Dget_chunk_storage_size(dataset, offset, &byteCount) >= 0 && 1...hsize_t(stored.count) ~= byteCount
            && H5Dread_chunk(dataset, alt_h5_default_properties(), offset, &skippedFilters, stored.baseAddress) >= 0
        return isRead && skippedFilters == 0 ? Int(byteCount) : nil
    }

    private func inflate(
        _ stored: UnsafeMutableRawBufferPointer, byteCount: Int, into pixels: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var inflated = uLongf(pixels.count)
        let status = uncompress(
            pixels.baseAddress?.assumingMemoryBound(to: Bytef.self), &inflated,
            stored.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(byteCount))
        return status == Z_OK && inflated == pixels.count
    }

    /// Indices of a chunk's first element.
    private func origin(of number: Int) -> [Int] {
        var rest = number
        var origin = [0, 0, 0, 0]
        for axis in (0..<4).reversed() {
            origin[axis] = rest % chunkCounts[axis] * chunk[axis]
            rest /= chunkCounts[axis]
        }
        return origin
    }

    /// Copies the part of a chunk that lies inside the dataset.
    private func copy(_ pixels: UnsafeMutableRawBufferPointer, of number: Int, to destination: UnsafeMutableRawBufferPointer) {
        let origin = origin(of: number)
        let extent = (0..<4).map { min(chunk[$0], shape[$0] - origin[$0]) }
        guard let source = pixels.baseAddress, let target = destination.baseAddress else { return }
        for image in 0..<extent[0] {
            for line in 0..<extent[1] {
                let from = source + (image * chunk[1] + line) * chunk[2] * chunk[3]
                let pixel = ((origin[0] + image) * shape[1] + origin[1] + line) * shape[2] + origin[2]
                let to = target + pixel * 3 + origin[3]
                switch extent[3] {
                case 1: copyEach(UInt8.self, from, to, count: extent[2])
                case 2: copyEach(UInt16.self, from, to, count: extent[2])
                default: to.copyMemory(from: from, byteCount: extent[2] * 3)
                }
            }
        }
    }

    /// Copies one or two channels of a row of pixels.
    @inline(__always)
    private func copyEach<Channels: BitwiseCopyable>(
        _ channels: Channels.Type, _ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer, count: Int
    ) {
        let step = chunk[3]
        for x in 0..<count {
            to.storeBytes(of: from.loadUnaligned(fromByteOffset: x &* step, as: channels), toByteOffset: x &* 3, as: channels)
        }
    }
}
