import Basics
import CPNG
import Foundation

extension RGBImage {
    /// Largest accepted picture, so that a small file cannot ask for all memory.
    public static let pixelLimit = 100_000_000

    /// Reads a PNG file of any colour type and depth (1 to 16 bit, palette, grey, alpha, interlaced) as 8-bit RGB.
    ///
    /// Alpha is composed on `background`. Grey becomes three equal channels; 16-bit samples without a gamma are
    /// taken as sRGB, as all others.
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `inputOutput` when it cannot be read, `data`
    ///   when it is not a whole PNG or has more than `pixelLimit` pixels.
    public init(png path: String, background: RGBColor = .white) throws {
        let kind = FileSystem.kind(path)
        guard kind == .file else {
            throw Failure(
                .inputMissing, "there is no such picture", at: path, expected: "a PNG file",
                found: kind?.rawValue ?? "nothing", remedy: "check the path")
        }
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw Failure(.inputOutput, "cannot read a picture", at: path, found: error.localizedDescription)
        }
        try self.init(pngData: data, background: background, name: path)
    }

    /// Decodes the bytes of a PNG file; `name` is what errors call it.
    /// - Throws: `Failure` of kind `data`, as `init(png:background:)`.
    public init(pngData data: Data, background: RGBColor = .white, name: String = "picture in memory") throws {
        func broken(_ found: String) -> Failure {
            Failure(
                .data, "cannot decode a PNG picture", at: name, expected: "a complete PNG file", found: found,
                remedy: "open it in an image program and save it again as PNG, or remove it")
        }
        guard !data.isEmpty else { throw broken("an empty file") }
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        // libpng keeps the pointer between the two calls, so both run inside one closure.
        (width, height, pixels) = try data.withUnsafeBytes { bytes in
            guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
                throw broken(image.text)
            }
            let (width, height) = (Int(image.width), Int(image.height))
            guard width * height <= RGBImage.pixelLimit else {
                throw Failure(
                    .data, "a picture is too large", at: name, expected: "at most \(RGBImage.pixelLimit) pixels",
                    found: "\(width) x \(height)", remedy: "scale it down or remove it")
            }
            image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
            image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
            var behind = png_color(red: background.red, green: background.green, blue: background.blue)
            var pixels = [UInt8](repeating: 0, count: width * height * 3)
            guard png_image_finish_read(&image, &behind, &pixels, Int32(width * 3), nil) != 0 else {
                throw broken(image.text)
            }
            return (width, height, pixels)
        }
    }

    /// The picture as the bytes of an 8-bit RGB PNG file.
    /// - Throws: `Failure` of kind `inputOutput` when libpng cannot encode it (an empty picture, no memory).
    public func pngData() throws -> Data {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        image.width = UInt32(width)
        image.height = UInt32(height)
        image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
        defer { png_image_free(&image) }
        // Noise does not compress: the raw size plus filter bytes and chunk overhead is the upper bound.
        var size = png_alloc_size_t(pixels.count + pixels.count / 64 + height + 4096)
        var encoded = Data(count: size)
        let written = encoded.withUnsafeMutableBytes {
            png_image_write_to_memory(&image, $0.baseAddress, &size, 0, pixels, Int32(width * 3), nil)
        }
        guard written != 0 else {
            throw Failure(.inputOutput, "cannot encode a picture of \(width) x \(height)", found: image.text)
        }
        return encoded.prefix(size)
    }

    /// Writes an 8-bit RGB PNG file whole: a reader never sees half a file.
    /// - Throws: `Failure` as `AtomicFile.write`.
    public func write(png path: String) throws { try AtomicFile.write(pngData(), to: path) }
}

extension png_image {
    /// libpng's last message, in place of its error by longjmp.
    fileprivate var text: String {
        let text = withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return text.isEmpty ? "an unknown error of libpng" : text
    }
}

/// A folder of PNG pictures.
public enum ImageFolder {
    /// What `use` makes of every `*.png` directly inside `path`, sorted by name, one picture in memory at a time. Other files are left
    /// alone.
    /// - Throws: `Failure`: `inputMissing` when there is no such folder, `data` when it holds no PNG or one that
    ///   cannot be decoded (the message names it), `inputOutput` when it cannot be listed.
    public static func load<Used>(
        _ path: String, background: RGBColor = .white, _ use: (RGBImage) throws -> Used
    ) throws -> [(name: String, image: Used)] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw Failure(
                .inputMissing, "there is no such folder of pictures", at: path, expected: "a folder with PNG files",
                found: FileManager.default.fileExists(atPath: path) ? "a file" : "nothing", remedy: "check the path")
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw Failure(
                .inputOutput, "cannot list a folder", at: path, found: error.localizedDescription,
                remedy: "check that you may read it")
        }
        let pictures = names.filter { $0.lowercased().hasSuffix(".png") && !$0.hasPrefix(".") }.sorted()
        guard !pictures.isEmpty else {
            throw Failure(
                .data, "a folder holds no PNG pictures", at: path, expected: "at least one *.png",
                found: "\(names.count) other files", remedy: "put PNG files into it (JPEG is not read)")
        }
        return try pictures.map { ($0, try use(RGBImage(png: path + "/" + $0, background: background))) }
    }
}
