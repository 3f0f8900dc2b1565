import Basics
import CHDF5
import Foundation
import TestSupport
import Testing

@testable import Demonstrations

@Suite struct HDF5GzipImagesTests {
    private static let shape = [7, 11, 9, 3]

    @Test(arguments: [[3, 5, 4, 2], [3, 5, 4, 1], [2, 11, 9, 3], [7, 11, 9, 3], [4, 3, 9, 3], [1, 1, 1, 1]], [1, 2, 3])
    func `images come out as H5Dread gives them, whatever the chunks and the workers`(_ chunk: [Int], _ workers: Int) throws {
        try Self.withDataset(chunk: chunk) { dataset, pixels in
            let fast = try Self.fast(dataset, workers: workers), reference = try Self.byLibrary(dataset)
            #expect(fast == pixels)
            #expect(reference == pixels)
        }
    }

    @Test func `a chunk that was never written, or is stored uncompressed, is left to H5Dread`() throws {
        try Self.withDataset(chunk: [3, 5, 4, 2], leavingOut: [3, 5, 4, 0]) { dataset, pixels in
            let fast = try Self.fast(dataset, workers: 2), images = try Self.images(dataset)
            let reference = try Self.byLibrary(dataset)
            #expect(fast == nil)
            #expect(Difference.first(images, reference) == nil)
            #expect(images != pixels)
        }
        let plain = (0..<120).map { UInt8($0) }
        try Self.withDataset(chunk: [3, 5, 4, 2], storing: plain, skippingFilters: 1) { dataset, _ in
            let fast = try Self.fast(dataset, workers: 2), images = try Self.images(dataset)
            let reference = try Self.byLibrary(dataset)
            #expect(fast == nil)
            #expect(Difference.first(images, reference) == nil)
            #expect(images.starts(with: [0, 1]))
        }
    }

    @Test func `a chunk cut short is refused with the dataset's name`() throws {
        // The first bytes of a gzip stream, and no more.
        try Self.withDataset(chunk: [3, 5, 4, 2], storing: [0x78, 0x5e, 0x63, 0x60, 0x64]) { dataset, _ in
            let fast = try Self.fast(dataset, workers: 2)
            #expect(fast == nil)
            let failure = try #require(throws: Failure.self) { _ = try Self.images(dataset) }
            #expect(failure.kind == .data)
            #expect(failure.what == "a dataset cannot be read")
            #expect(failure.location?.hasSuffix(":/images") == true)
        }
    }

    @Test func `other filters and other shapes are left to H5Dread`() throws {
        try Self.withDataset(chunk: [3, 5, 4, 2], shuffled: true) { dataset, pixels in
            let images = try Self.images(dataset)
            #expect(HDF5GzipImages(dataset) == nil)
            #expect(Difference.first(images, pixels) == nil)
        }
        let path = VariantFile.path("contiguous")
        let obs = try RobomimicSchema.observations(of: RobomimicLayout(reading: path).demonstration("demo_0"))
        #expect(HDF5GzipImages(try RobomimicSchema.cameraDataset("agentview_image", in: obs, known: [])) == nil)
    }

    @Test(.enabled(if: SharedData.beside("data/lift.hdf5") != nil, "../shared/data/lift.hdf5 is absent"))
    func `robomimic's own file gives the same images on both ways`() throws {
        let path = try #require(SharedData.beside("data/lift.hdf5"))
        let layout = try RobomimicLayout(reading: path)
        for name in ["demo_0", "demo_7"] {
            let obs = try RobomimicSchema.observations(of: layout.demonstration(name))
            for camera in ["agentview_image", "robot0_eye_in_hand_image"] {
                let dataset = try RobomimicSchema.cameraDataset(camera, in: obs, known: [])
                #expect(try Self.fast(dataset, workers: 2) == Self.byLibrary(dataset))
            }
        }
    }

    /// Without H5Dread; nil where that is needed.
    private static func fast(_ dataset: HDF5Dataset, workers: Int) throws -> [UInt8]? {
        let images = try #require(HDF5GzipImages(dataset))
        var bytes = [UInt8](repeating: 0xee, count: dataset.count)
        return bytes.withUnsafeMutableBytes { images.read(into: $0, pool: WorkerPool(workers: workers)) } ? bytes : nil
    }

    private static func byLibrary(_ dataset: HDF5Dataset) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xee, count: dataset.count)
        try bytes.withUnsafeMutableBytes { try dataset.readBytes(into: $0) }
        return bytes
    }

    private static func images(_ dataset: HDF5Dataset) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xee, count: dataset.count)
        try bytes.withUnsafeMutableBytes { try dataset.readImages(into: $0, pool: WorkerPool(workers: 2)) }
        return bytes
    }

    /// A file with a dataset `images` of noise. One chunk may be left out, or the first replaced by raw bytes.
    private static func withDataset(
        chunk: [Int], shuffled: Bool = false, leavingOut: [Int]? = nil, storing raw: [UInt8]? = nil,
        skippingFilters: UInt32 = 0, _ body: (HDF5Dataset, [UInt8]) throws -> Void
    ) throws {
        let folder = try SharedData.temporaryFolder()
        let path = folder + "/images.hdf5"
        var source = RandomSource(Seed(51))
        let pixels = (0..<shape.reduce(1, *)).map { _ in UInt8(source.index(below: 9)) }

        HDF5Library.prepare()
        let standard = alt_h5_default_properties()
        let file = H5Fcreate(path, alt_h5_truncate(), standard, standard)
        let space = H5Screate_simple(4, shape.map { hsize_t($0) }, nil)
        let creation = H5Pcreate(alt_h5_dataset_creation())
        H5Pset_chunk(creation, 4, chunk.map { hsize_t($0) })
        if shuffled { H5Pset_shuffle(creation) }
        H5Pset_deflate(creation, 4)
        let dataset = H5Dcreate2(file, "images", alt_h5_file_uint8(), space, standard, creation, standard)
        if let leavingOut {
            let extent = zip(zip(shape, leavingOut), chunk).map { hsize_t(min($0.0 - $0.1, $1)) }
            H5Sselect_all(space)
            H5Sselect_hyperslab(space, H5S_SELECT_NOTB, leavingOut.map { hsize_t($0) }, nil, extent, nil)
            #expect(H5Dwrite(dataset, alt_h5_native_uint8(), space, space, standard, pixels) >= 0)
        } else {
            #expect(H5Dwrite(dataset, alt_h5_native_uint8(), alt_h5_all(), alt_h5_all(), standard, pixels) >= 0)
        }
        if let raw { #expect(H5Dwrite_chunk(dataset, standard, skippingFilters, [0, 0, 0, 0], raw.count, raw) >= 0) }
        for status in [H5Dclose(dataset), H5Pclose(creation), H5Sclose(space), H5Fclose(file)] { #expect(status >= 0) }

        let opened = try #require(try HDF5File(reading: path).root().dataset("images"))
        try body(opened, pixels)
        try FileManager.default.removeItem(atPath: folder)
    }
}
