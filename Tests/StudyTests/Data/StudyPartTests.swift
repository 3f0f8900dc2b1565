import Demonstrations
import Testing

@testable import Study

@Suite struct StudyPartTests {
    @Test func `the twin exchanges train and reference, sizes are nested, and all ask the same frames`() throws {
        let tiny = try TinyStudy()
        var settings = try ExperimentFile.load(tiny.experiment.path).settings
        settings.data.split.train = 1
        settings.data.split.reference = 1
        settings.state.sizes = [2]
        let data = try StudyData(settings, sha256: "", progress: nil)
        #expect(data.split.spareTrain.count == 1 && data.split.spareReference.count == 1)
        let twin = try data.part(.twin), double = try data.part(.size(2))
        #expect(twin.split.train == data.split.reference && twin.split.reference == data.split.train)
        #expect(twin.train == data.reference && twin.reference == data.train)
        #expect(double.split.train == data.split.train + data.split.spareTrain)
        #expect(Set(double.split.reference).isSuperset(of: data.split.reference))
        #expect(Set(double.split.train).isDisjoint(with: double.split.reference + data.split.query))
        #expect(twin.query == data.query && double.query == data.query)
        // Sequences keep their units.
        #expect(twin.normalizer == data.normalizer && double.normalizer == data.normalizer)
    }

    @Test func `further splits divide anew into as many, each with its twin`() throws {
        let settings = try ExperimentFile.load(TinyStudy().experiment.path).settings
        let data = try StudyData(settings, sha256: "", progress: nil), split = data.split
        let parts = try (1..<4).map { try (data.part(.split($0, isTwin: false)), data.part(.split($0, isTwin: true))) }
        for (own, twin) in parts {
            #expect(own.split.train.count == split.train.count && own.split.reference.count == split.reference.count)
            #expect(Set(own.split.train + own.split.reference + own.split.query).count == data.set.episodes.count)
            #expect(twin.split.train == own.split.reference && twin.split.reference == own.split.train && twin.query == own.query)
            // Twins have the same units, fitted on what the first of them learns from.
            #expect(own.normalizer == Normalizer.fit(data.set, demonstrations: own.split.train) && twin.normalizer == own.normalizer)
        }
        #expect(Set(parts.map(\.0.split.train) + [split.train]).count > 1)
    }

    @Test func `a study asks for as many parts as its settings say, and for no spacing that it has itself`() {
        var settings = Settings()
        (settings.state.sizes, settings.state.splits, settings.state.spacing) = ([], 1, false)
        #expect(StudyPart.all(settings) == [.main, .twin])
        settings.state.splits = 3
        settings.state.spacing = true
        let splits = [1, 2].flatMap { [StudyPart.split($0, isTwin: false), .split($0, isTwin: true)] }
        // Without the simulator nothing else can be made.
        #expect(StudyPart.all(settings) == [.main, .twin] + splits)
        settings.data.generate = .init()
        let cells = StudyPart.all(settings).dropFirst(6).compactMap { if case .spacing(let cell) = $0 { cell } else { nil } }
        #expect(cells.map(\.name) == ["continuous_noise_0.5", "grid_noise_0.5", "grid_noise_1"] && settings.spacings.count == 4)
        settings.data.generate?.expertNoise = 0.25
        #expect(settings.otherSpacings.count == 4)
    }
}
