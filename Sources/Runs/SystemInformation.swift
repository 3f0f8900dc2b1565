import CHDF5
import COpenBLAS
import CPNG

/// Versions of what the numbers depend on.
public struct Versions: Codable, Equatable, Sendable {
    public struct OpenBLAS: Codable, Equatable, Sendable {
        /// Version and build options.
        public let configuration: String
        /// The kernels chosen for this CPU.
        public let core: String
        public let threads: Int
    }

    public let swift: String
    public let hdf5: String
    public let libpng: String
    public let openBlas: OpenBLAS

    /// The libraries as loaded, the compiler as it was when this was built.
    public static func current() -> Versions {
        var major: UInt32 = 0, minor: UInt32 = 0, release: UInt32 = 0
        H5get_libversion(&major, &minor, &release)
        let png = png_access_version_number()
        return Versions(
            swift: compiler, hdf5: "\(major).\(minor).\(release)",
            libpng: "\(png / 10_000).\(png / 100 % 100).\(png % 100)",
            openBlas: OpenBLAS(
                configuration: String(cString: openblas_get_config()), core: String(cString: openblas_get_corename()),
                threads: Int(openblas_get_num_threads())))
    }

    private static var compiler: String {
        #if compiler(>=6.5)
            "6.5 or later"
        #elseif compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
