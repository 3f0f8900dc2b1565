import Basics
import Configuration
import Testing

@Suite struct OverrideTests {
    @Test func `an override is typed like the file`() throws {
        let settings = try RecipeFile.minimal().load(
            "oven.shelves=[3, 4]", "notes=20_percent", "icing.grams=4", "oven.preheat=false", "oven.limit=null")
        #expect(settings.oven.shelves == [3, 4])
        #expect(settings.notes == "20_percent")
        #expect(settings.icing?.grams == 4)
        #expect(settings.icing?.colours == ["white"])
        #expect(!settings.oven.preheat)
        #expect(settings.oven.limit == nil)
        #expect(try RecipeFile.minimal().load("icing.colours=[]").icing?.colours == [])
    }

    @Test(arguments: ["servings", "=1", "oven..minutes=x", ".servings=1", "servings=[1", ""])
    func `a malformed override is a usage error`(text: String) throws {
        let failure = try #require(try RecipeFile.minimal().failure(text))
        #expect(failure.kind == .usage)
        #expect(failure.location == "command line: \(text)")
        #expect(failure.expected == "key.path=value, for instance oven.minutes=50")
    }

    @Test(arguments: [
        ("oven.minute=1", "did you mean oven.minutes?"),
        ("ovne.minutes=1", "did you mean oven?"),
        ("minutes=3", "did you mean oven.minutes?"),
    ]) func `an unknown key of an override is refused with the nearest`(text: String, remedy: String) throws {
        let failure = try #require(try RecipeFile.minimal().failure(text))
        #expect(failure.kind == .data)
        #expect(failure.location == "command line: \(text)")
        #expect(failure.remedy == remedy)
    }

    @Test(arguments: ["servings=0,1", "servings.more=1", "oven=3", "servings=1e3"])
    func `an override of the wrong type is refused`(text: String) throws {
        #expect(try RecipeFile.minimal().failure(text)?.kind == .data)
    }

    @Test func `an unknown or broken profile is refused`() throws {
        let file = try RecipeFile.minimal("profiles: {smoke: {servings: 1}}\n")
        let unknown = try #require(try file.failure(profile: "smok"))
        #expect(unknown.kind == .usage)
        #expect(unknown.remedy == "did you mean smoke?")
        let none = try #require(try RecipeFile.minimal().failure(profile: "smoke"))
        #expect(none.remedy == "add `profiles: {smoke: {oven.minutes: 5}}` to the file")
        let broken = try RecipeFile.minimal("profiles:\n  smoke:\n    oven.minuts: 1\n")
        let failure = try #require(try broken.failure())
        #expect(failure.location?.hasSuffix("mine.yaml:4, profile smoke, key oven.minuts") == true)
    }
}
