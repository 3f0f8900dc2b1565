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
        let twin = data.part(.twin), double = data.part(.size(2))
        #expect(twin.split.train == data.split.reference && twin.split.reference == data.split.train)
        #expect(twin.train == data.reference && twin.reference == data.train)
        #expect(double.split.train == data.split.train + data.split.spareTrain)
        #expect(Set(double.split.reference).isSuperset(of: data.split.reference))
        #expect(Set(double.split.train).isDisjoint(with: double.split.reference + data.split.query))
        #expect(twin.query == data.query && double.query == data.query)
        // Sequences keep their units.
        #expect(twin.normalizer == data.normalizer && double.normalizer == data.normalizer)
    }
}
