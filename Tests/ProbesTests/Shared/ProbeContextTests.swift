import Basics
import Probes
import Testing

@Suite struct ProbeContextTests {
    private let study = SyntheticStudy(train: 4, reference: 4, query: 4)

    private func failure(_ body: () throws -> Void) -> Failure? {
        do {
            try body()
            return nil
        } catch { return error as? Failure }
    }

    private func generated(_ values: [Float]) -> GeneratedChunks {
        GeneratedChunks(
            policy: "diffusion_ddpm", condition: "cat",
            chunks: Chunks(
                horizon: 8, actionDimension: 3, values: values, demonstration: [9, 9], frame: [0, 4]),
            observation: [0, 1], sample: [0, 0])
    }

    @Test func `a value that is not finite is named with policy, condition and row`() {
        var values = [Float](repeating: 0, count: 48)
        values[30] = .nan
        let found = failure {
            _ = try ProbeContext(train: study.train, generated: [generated(values)], seed: Seed(0))
        }
        #expect(found?.kind == .data)
        #expect(found?.location == "policy diffusion_ddpm, condition cat, row 1")
        #expect(found?.found?.contains("step 2, action 0") == true)
    }

    @Test func `empty and single-demonstration training data and shared demonstrations are refused`() {
        let one = study.train.selecting(Array(0..<SyntheticStudy.frames))
        #expect(
            failure { _ = try ProbeContext(train: one, seed: Seed(0)) }?.expected
                == "at least 2 training demonstrations")
        #expect(failure { _ = try ProbeContext(train: study.train.selecting([]), seed: Seed(0)) }?.kind == .data)
        let overlap = failure { _ = try ProbeContext(train: study.train, query: study.train, seed: Seed(0)) }
        #expect(overlap?.what == "a demonstration is in two splits")
    }

    @Test func `a wrong shape, a repeated condition and a match outside the table are refused`() {
        let good = generated([Float](repeating: 0, count: 48))
        #expect(
            failure { _ = try ProbeContext(train: study.train, generated: [good, good], seed: Seed(0)) }?.location
                == "policy diffusion_ddpm, condition cat")
        let wide = Chunks(
            horizon: 4, actionDimension: 6, values: [Float](repeating: 0, count: 24), demonstration: [9], frame: [0])
        #expect(failure { _ = try ProbeContext(train: study.train, query: wide, seed: Seed(0)) }?.found == "4 x 6")
        let stray = GeneratedChunks(
            policy: "alt", condition: "cat", chunks: good.chunks, observation: [0, 1], sample: [0, 0],
            match: [nil, RecalledMatch(trainChunk: 80, similarity: 1, flag: false)])
        #expect(
            failure { _ = try ProbeContext(train: study.train, generated: [stray], seed: Seed(0)) }?.location
                == "policy alt, condition cat, row 1")
    }

    @Test func `every probe says what it lacks when nothing was generated`() throws {
        let context = try ProbeContext(
            train: study.train, reference: study.reference, query: study.query, seed: Seed(0))
        for probe in AllProbes.all where probe.name != "p00" {
            #expect(failure { _ = try probe.run(context) }?.kind == .data, "\(probe.name)")
        }
        #expect(Set(AllProbes.all.map(\.name)).count == AllProbes.all.count)
    }
}
