import Basics
import Networks
import Probes
import Testing

@testable import Study

@Suite struct CatalogueTests {
    private func settings(_ change: (inout Settings) -> Void = { _ in }) -> Settings {
        var settings = Settings()
        settings.data.split.train = 8
        settings.state.steps = 400
        settings.state.seeds = 3
        settings.state.sizes = [4, 12]
        settings.diffusion.training.auditedSteps = []
        settings.diffusion.twin = true
        (settings.behaviourCloning.images, settings.behaviourCloning.twoStep) = (true, true)
        (settings.flowMatching.images, settings.actionChunking.images) = (true, true)
        change(&settings)
        return settings
    }

    private func trainings(_ settings: Settings) -> [PolicyTraining] {
        let catalogue = Catalogue(settings)
        let parts: [StudyPart] = [.main, .twin] + settings.state.sizes.map(StudyPart.size)
        return catalogue.trainings(parts, ofSubject: true) + catalogue.trainings(parts, ofSubject: false)
    }

    @Test func `every policy has a name of its own, and every training a folder of its own`() {
        let settings = settings {
            $0.diffusion.seeds = 3
            $0.diffusion.training.auditedSteps = [10, 20]
        }
        let policies = Catalogue(settings).policies.map(\.name)
        #expect(Set(policies).count == policies.count)
        let names = trainings(settings).map(\.name)
        #expect(Set(names).count == names.count)
        // Three seeds of the subject and its twin, regression in one step and two, flow matching, ACT, three of the stand-in, its
        // twin and two sizes, regression with its twin and in two steps, flow matching and ACT.
        #expect(names.first == "diffusion" && names.count == 3 + 1 + 4 + 3 + 1 + 2 + 5)
        #expect(trainings(self.settings { $0.behaviourCloning.twoStep = false }).allSatisfy { $0.name != "two-step" })
        let stateAlone = trainings(self.settings { $0.flowMatching.images = false }).map(\.name)
        #expect(!stateAlone.contains("flow-matching") && stateAlone.contains("state-flow-matching"))
        let withoutPictures = trainings(self.settings { $0.actionChunking.images = false }).map(\.name)
        #expect(!withoutPictures.contains("action-chunking") && withoutPictures.contains("state-action-chunking"))
    }

    @Test func `the subject has a twin where the settings say so, from the same seed and on the other half`() throws {
        func own(_ twin: Bool) -> [PolicyTraining] { trainings(settings { $0.diffusion.twin = twin }).filter { $0.name.hasPrefix("diffusion") } }
        #expect(own(false).map(\.part) == [.main])
        let pair = own(true)
        #expect(pair.map(\.part) == [.main, .twin] && pair[0].seed == pair[1].seed && pair[0].steps == pair[1].steps)
        // A study may end with the subject's trainings; the twin's is not one of them.
        #expect(pair.map(\.isSubject) == [true, false])
    }

    @Test func `a study has one policy under study and one of each oracle`() {
        let roles = Catalogue(settings()).policies.map(\.role)
        for role in [PolicyRole.subject, .table, .memorizer, .interpolator, .generalizer] {
            #expect(roles.count { $0 == role } == 1)
        }
    }

    @Test func `twins and sizes share the first training's seed, further seeds do not`() throws {
        let state = trainings(settings()).filter { $0.view == .state }
        let first = try #require(state.first { $0.name == "state-s0" })
        for training in state {
            guard case .generative(let process) = training.objective, process is DenoisingProcess else { continue }
            #expect((training.seed == first.seed) == (training.seedNumber == 0))
        }
        #expect(state.first { $0.part == .twin }?.seed == first.seed)
    }

    @Test func `other sizes get as many epochs`() {
        let state = trainings(settings())
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

    @Test func `answers of a policy the study does not have are refused by name`() {
        let failure = #expect(throws: Failure.self) { try Catalogue(settings()).policy(named: "unknown", in: "answers.csv") }
        #expect(failure?.kind == .data && failure?.found == "unknown" && failure?.expected?.contains("memorizer") == true)
    }
}
