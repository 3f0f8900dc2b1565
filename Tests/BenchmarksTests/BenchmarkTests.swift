import Basics
import Benchmarks
import Foundation
import TestSupport
import Testing

/// A smoke run: everything is touched, no time is judged.
@Suite struct BenchmarkTests {
    static func context() throws -> BenchmarkContext {
        BenchmarkContext(sizes: .tiny, workers: 2, temporaryFolder: try SharedData.temporaryFolder(), program: BuiltProgram.path)
    }

    @Test func `every row is checked, timed and written, with the share of its limit`() throws {
        let rows = BenchmarkRows.all(.tiny)
        var tables = 0
        let report = try Benchmark(rows: rows, context: Self.context(), effort: .init(runs: 1, seconds: 0)).run { _ in tables += 1 }
        #expect(tables == rows.count)
        let content = try CSVText.parse(report.table.csv, name: "bench.csv")
        #expect(content.rows.map { $0[0] } == rows.map(\.name))
        for (row, cells) in zip(rows, content.rows) {
            func number(_ column: String) -> Double? { content.value(column, of: cells).flatMap(Double.init) }
            #expect((number("ms") ?? 0 > 0) == row.isTimed, "\(row.name)")
            #expect((number("share_of_limit") ?? 0 > 0) == row.isTimed, "\(row.name)")
            #expect((number("peak_mib") ?? 0 > 0) == row.measuresMemory, "\(row.name)")
            #expect(content.value("workers", of: cells) == "2")
        }
        #expect(report.text.contains("lookup_top5_300"))
        let served = content.rows.first { $0[0] == "serve_query_10_steps" }.flatMap { content.value("note", of: $0) }
        #expect(served?.contains("beyond the policy's own time half within") == true)
    }

    @Test func `a user's file is loaded in place of a generated one`() throws {
        var context = try Self.context()
        context.file = SharedData.root + "/Tests/Fixtures/hdf5/absent.hdf5"
        #expect(throws: Failure.self) {
            try Benchmark(
                rows: BenchmarkRows.named(["load_robomimic"], .tiny), context: context, effort: .init(runs: 1, seconds: 0)
            ).run()
        }
    }

    @Test func `an unknown row is an error that names the nearest`() {
        #expect { try BenchmarkRows.named(["train_step_imag"], .tiny) } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.kind == .usage && failure.description.contains("did you mean train_step_image?")
        }
    }

    @Test func `chosen rows keep the benchmark's order`() throws {
        let rows = try BenchmarkRows.named(["alt_encode_one", "train_step_alt"], .tiny)
        #expect(rows.map(\.name) == ["train_step_alt", "alt_encode_one"])
    }
}
