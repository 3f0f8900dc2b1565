import Basics
import Configuration
import Testing

@Suite struct FileLayerTests {
    @Test func `a file says what it changes of the file it builds on, groups key by key and profiles value by value`() throws {
        let file = try RecipeFile(
            """
            base: plain.yaml
            oven: {minutes: 45, shelves: [2]}
            profiles:
              quick: {servings: 3}
              slow: {oven.minutes: 90}
            """)
        try file.add(
            "plain.yaml",
            """
            base: oldest.yaml
            oven: {minutes: 30, degrees: 200}
            profiles:
              quick: {oven.minutes: 20, servings: 2}
            """)
        try file.add("oldest.yaml", "title: cake\nservings: 8\noven: {degrees: 100, shelves: [1, 3]}\n")
        let plain = try file.load()
        #expect((plain.title, plain.servings) == ("cake", 8))
        #expect((plain.oven.minutes, plain.oven.degrees) == (45, 200) && plain.oven.shelves == [2])
        let quick = try file.load(profile: "quick")
        #expect((quick.oven.minutes, quick.servings) == (20, 3))
        #expect(try file.load(profile: "slow").oven.minutes == 90)
    }

    @Test func `a mistake in the file built on is named there, one in a rule where the last word was`() throws {
        let file = try RecipeFile("base: plain.yaml\nservings: 2\n")
        try file.add("plain.yaml", "title: cake\noven:\n  minuts: 4\n")
        #expect(try file.failure()?.location?.hasSuffix("plain.yaml:3, key oven.minuts") == true)
        try file.add("plain.yaml", "title: cake\nservings: 9\nicing:\n  grams: 300\n")
        #expect(try file.failure()?.location?.hasSuffix("plain.yaml:4, key icing.grams") == true)
    }

    @Test func `files that build on each other, a missing one and what is no name are refused`() throws {
        let circle = try RecipeFile("base: plain.yaml\n")
        try circle.add("plain.yaml", "title: cake\nbase: mine.yaml\n")
        let failure = try #require(try circle.failure())
        #expect(failure.kind == .data && failure.location?.hasSuffix("plain.yaml:2, key base") == true)
        let missing = try #require(try RecipeFile("base: plan.yaml\n").failure())
        #expect(missing.kind == .inputMissing && missing.location?.contains("mine.yaml:1, key base") == true)
        #expect(try RecipeFile("base: [plain.yaml]\n").failure()?.expected?.contains("a YAML file") == true)
        #expect(try RecipeFile("bas: plain.yaml\n").failure()?.remedy == "did you mean base?")
    }
}
