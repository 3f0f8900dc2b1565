import Basics
import Study
import Testing

@Suite struct OverrideTests {
    @Test func `an override is typed like the file`() throws {
        let settings = try TemporaryExperiment.minimal().load(
            "diffusion.unet.down_dims=[32, 64]", "data.filter_key=20_percent", "data.generate.seed=4",
            "diffusion.noise.clip=false", "data.cameras=[]", "probes.image_folder=null"
        ).settings
        #expect(settings.diffusion.unet.downDims == [32, 64])
        #expect(settings.data.filterKey == "20_percent")
        #expect(settings.data.generate?.seed == 4)
        #expect(settings.data.generate?.demonstrations == 60)
        #expect(!settings.diffusion.noise.clip)
        #expect(settings.data.cameras == [])
    }

    @Test(arguments: ["seed", "=1", "data..path=x", ".seed=1", "seed=[1", ""])
    func `a malformed override is a usage error`(text: String) throws {
        let failure = try #require(try TemporaryExperiment.minimal().failure(text))
        #expect(failure.kind == .usage)
        #expect(failure.location == "command line: \(text)")
    }

    @Test(arguments: [
        ("diffusion.training.step=1", "did you mean diffusion.training.steps?"),
        ("difusion.training.steps=1", "did you mean diffusion?"),
        ("crop=3", "did you mean image.crop?"),
    ]) func `an unknown key of an override is refused with the nearest`(text: String, remedy: String) throws {
        let failure = try #require(try TemporaryExperiment.minimal().failure(text))
        #expect(failure.kind == .data)
        #expect(failure.location == "command line: \(text)")
        #expect(failure.remedy == remedy)
    }

    @Test(arguments: ["seed=0,1", "seed.more=1", "data=3", "workers=1e3"])
    func `an override of the wrong type is refused`(text: String) throws {
        #expect(try TemporaryExperiment.minimal().failure(text)?.kind == .data)
    }

    @Test func `an unknown or broken profile is refused`() throws {
        let experiment = try TemporaryExperiment.minimal("profiles: {smoke: {seed: 1}}\n")
        let unknown = try #require(try experiment.failure(profile: "smok"))
        #expect(unknown.kind == .usage)
        #expect(unknown.remedy == "did you mean smoke?")
        let broken = try TemporaryExperiment.minimal("profiles:\n  smoke:\n    diffusion.training.stepz: 1\n")
        let failure = try #require(try broken.failure())
        #expect(failure.location?.contains("mine.yaml:6, profile smoke, key diffusion.training.stepz") == true)
    }
}
