import Basics
import Crypto
import Foundation

/// SHA-256 of a file's content, read in pieces.
public enum FileHash {
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: `Failure` (`inputMissing` or `inputOutput`).
    public static func sha256(_ path: String) throws -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(
                FileSystem.exists(path) ? .inputOutput : .inputMissing, "cannot open a file", at: path,
                found: FileSystem.exists(path) ? "no permission to read" : "no such file")
        }
        var hash = SHA256()
        do {
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
            try file.close()
        } catch {
            throw Failure(.inputOutput, "cannot read a file", at: path, found: error.localizedDescription)
        }
        return hash.finalize().hexadecimal
    }

    /// SHA-256 of a text, 64 hexadecimal digits.
    public static func sha256(text: String) -> String { SHA256.hash(data: Data(text.utf8)).hexadecimal }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits per byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
