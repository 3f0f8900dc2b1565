import Benchmarks
import Foundation
import TestSupport
import Testing

/// The built program, as a user meets it.
@Suite struct BenchCommandTests {
    private func alt(_ arguments: String...) throws -> (status: Int32, output: String, error: String) {
        try BuiltProgram.run(arguments, in: SharedData.temporaryFolder())
    }

    @Test func `list prints every row's name`() throws {
        let result = try alt("bench", "--list")
        #expect(result.status == 0)
        #expect(result.output.split(separator: "\n").map(String.init) == BenchmarkRows.all(BenchmarkSizes()).map(\.name))
    }

    @Test func `missing python leaves with 66 and says how to install it, on standard error`() throws {
        let result = try alt("bench", "peers", "--python", "no-such-python")
        #expect(result.status == 66)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("python is not installed") && result.error.contains("pip install"))
    }

    @Test func `unknown rows, no workers and a missing file leave with 64, 64 and 66`() throws {
        #expect(try alt("bench", "--row", "fly").status == 64)
        #expect(try alt("bench", "--workers", "0").status == 64)
        #expect(try alt("bench", "--row", "load_robomimic", "--file", "absent.hdf5").status == 66)
    }

    @Test func `one row writes its tables`() throws {
        let folder = try SharedData.temporaryFolder()
        let result = try alt("bench", "--row", "lookup_top5_10000", "--runs", "1", "--quiet", "--results", folder)
        #expect(result.status == 0)
        // On a processor that OpenBLAS does not know, nothing but that is said.
        let errors = result.error.split(separator: "\n").filter { !$0.hasPrefix("warning: OpenBLAS chose its kernels for ") }
        #expect(errors.isEmpty)
        for name in ["bench.csv", "breakdown.csv", "machine.csv"] {
            #expect(FileManager.default.fileExists(atPath: "\(folder)/bench/\(name)"))
        }
    }
}
