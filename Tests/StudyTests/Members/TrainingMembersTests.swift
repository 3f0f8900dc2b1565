import Basics
import Testing

@testable import Study

@Suite struct TrainingMembersTests {
    private func settings(_ change: (inout Settings) -> Void = { _ in }) -> Settings {
        var settings = Settings()
        settings.data.split.train = 8
        settings.state.steps = 400
        settings.state.seeds = 3
        settings.state.sizes = [4, 12]
        change(&settings)
        return settings
    }

    @Test func `every training has a folder of its own`() {
        let members = TrainingMembers(settings: settings { $0.diffusion.seeds = 3 })
        let names = (members.diffusion + [members.behaviourCloning] + members.state).map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.first == "diffusion" && names.count == 3 + 1 + 3 + 1 + 2 + 2)
    }

    @Test func `twins and sizes share the first training's seed, further seeds do not`() throws {
        let state = TrainingMembers(settings: settings()).state
        let first = try #require(state.first { $0.name == "state-s0" })
        for member in state {
            guard case .generative = member.objective else { continue }
            #expect((member.seed == first.seed) == (member.seedNumber == 0))
        }
        #expect(state.first { $0.part == .twin }?.seed == first.seed)
    }

    @Test func `other sizes get as many epochs`() {
        let state = TrainingMembers(settings: settings()).state
        #expect(state.first { $0.part == .size(4) }?.steps == 200)
        #expect(state.first { $0.part == .size(12) }?.steps == 600)
    }

    @Test func `sizes above the training split set demonstrations aside on both sides`() throws {
        #expect(settings().spareDemonstrations == 4)
        #expect(settings { $0.state.sizes = [4] }.spareDemonstrations == 0)
        let experiment = try TinyStudy()
        let failure = #expect(throws: Failure.self) {
            try ExperimentFile.load(experiment.experiment.path, overrides: ["data.demonstrations=6", "state.sizes=[3]"])
        }
        #expect(failure?.expected?.contains("at least 7") == true)
    }
}
