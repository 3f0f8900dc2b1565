import Crypto
import Foundation

extension Settings {
    /// The first 8 hexadecimal digits of the SHA-256 of the resolved configuration without `seed` and `workers`:
    /// runs that differ only in these compare as the same study.
    public func configurationHash() throws -> String {
        var canonical = self
        canonical.seed = Settings().seed
        canonical.workers = Settings().workers
        return String(SHA256.hash(data: Data(try canonical.resolvedYAML().utf8)).hexadecimal.prefix(8))
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits per byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
