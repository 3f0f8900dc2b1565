import Basics
import Configuration
import Testing

@Suite struct ConfigurationFileTests {
    @Test func `values come from the defaults, then the file, then the profile, then the command line`() throws {
        let file = try RecipeFile.minimal(
            """
            oven: {minutes: 30, degrees: 200}
            servings: 6
            profiles:
              quick: {oven.minutes: 20, servings: 2}
            """)
        let plain = try file.load()
        #expect(plain.oven.minutes == 30)
        #expect(plain.oven.shelves == [1, 3])
        let quick = try file.load(profile: "quick", "servings=3")
        #expect(quick.oven.minutes == 20)
        #expect(quick.oven.degrees == 200)
        #expect(quick.servings == 3)
    }

    @Test func `an unknown key is refused with its line, its path and the nearest key`() throws {
        let failure = try #require(try RecipeFile.minimal("oven:\n  minuts: 4\n").failure())
        #expect(failure.kind == .data)
        #expect(failure.location?.hasSuffix("mine.yaml:3, key oven.minuts") == true)
        #expect(failure.remedy == "did you mean oven.minutes?")
        #expect(failure.expected?.contains("degrees") == true)
    }

    @Test func `a key in the wrong group is offered where it belongs`() throws {
        #expect(try RecipeFile.minimal("degrees: 200\n").failure()?.remedy == "did you mean oven.degrees?")
        #expect(try RecipeFile.minimal("oven: {grams: 3}\n").failure()?.remedy == "did you mean icing.grams?")
        #expect(try RecipeFile.minimal("profile: {}\n").failure()?.remedy == "did you mean profiles?")
    }

    @Test(arguments: [
        ("servings: soon\n", "a whole number", "soon"),
        ("servings: \"1\"\n", "a whole number", "the text \"1\""),
        ("servings: 1.5\n", "a whole number", "1.5"),
        ("servings: null\n", "a whole number", "null"),
        ("oven: 76\n", "a mapping of mode, minutes, degrees, tolerance, preheat, limit, shelves, steam", "76"),
        ("oven: {preheat: yes}\n", "true or false", "yes"),
        ("oven: {shelves: 64}\n", "a list, each element a whole number", "64"),
        ("oven: {degrees: hot}\n", "a number", "hot"),
        ("oven: {limit: off}\n", "a number or null", "off"),
    ]) func `a wrong type says what was expected and found`(text: String, expected: String, found: String) throws {
        let failure = try #require(try RecipeFile.minimal(text).failure())
        #expect(failure.kind == .data)
        #expect(failure.location?.contains("mine.yaml:2") == true)
        #expect(failure.expected == expected)
        #expect(failure.found == found)
    }

    @Test(arguments: [
        ("servings: 0\n", "from 1 to 1024", "0"),
        ("oven: {steam: [0.9, 1.0]}\n", "2 values, each at least 0.0 and below 1.0", "[0.9, 1.0]"),
        ("oven: {steam: [0.9]}\n", "2 values, each at least 0.0 and below 1.0", "[0.9]"),
        ("oven: {degrees: 300}\n", "above 0.0 and below 300.0", "300.0"),
        ("oven: {limit: -1}\n", "above 0.0, or null", "-1.0"),
        ("notes: \"\"\n", "text that is not empty, or null", ""),
    ]) func `a value out of range says the range and the value`(text: String, expected: String, found: String) throws {
        let failure = try #require(try RecipeFile.minimal(text).failure())
        #expect(failure.kind == .data)
        #expect(failure.expected == expected)
        #expect(failure.found == found)
    }

    @Test func `a word outside the choices is refused with the nearest`() throws {
        let failure = try #require(try RecipeFile.minimal("oven: {mode: gril}\n").failure())
        #expect(failure.expected == "one of circulating, grill")
        #expect(failure.remedy == "did you mean grill?")
    }

    @Test func `a rule between keys names where its key was written`() throws {
        let written = try #require(try RecipeFile.minimal("servings: 2\nicing:\n  grams: 300\n").failure())
        #expect(written.location?.hasSuffix("mine.yaml:4, key icing.grams") == true)
        let typed = try #require(try RecipeFile.minimal("icing: {}\n").failure("icing.grams=900"))
        #expect(typed.location == "command line: icing.grams=900")
    }

    @Test func `text that is not YAML, and no text, are refused`() throws {
        let failure = try #require(try RecipeFile.minimal("oven: {shelves: [5}\n").failure())
        #expect(failure.what == "not valid YAML")
        #expect(failure.location?.contains("mine.yaml:2") == true)
        let twice = try #require(try RecipeFile.minimal("servings: 1\nservings: 2\n").failure())
        #expect(twice.what == "a key is written twice")
        let empty = try #require(try RecipeFile("").failure())
        #expect(empty.what == "the recipe is empty" && empty.expected == "at least the key title")
    }

    @Test func `a byte order mark before the text is passed over`() throws {
        #expect(try RecipeFile("\u{FEFF}title: cake\nservings: 3\n").load().servings == 3)
    }

    @Test func `a missing file is an input that is missing, with a similar file`() throws {
        let file = try RecipeFile.minimal()
        let failure = #expect(throws: Failure.self) { try ConfigurationFile<Recipe>.load(file.folder + "/mien.yaml") }
        #expect(failure?.kind == .inputMissing)
        #expect(failure?.what == "the recipe's file does not exist")
        #expect(failure?.remedy == "did you mean \(file.folder)/mine.yaml?")
    }

    @Test func `the resolved configuration holds every key and reads back to equal settings`() throws {
        let first = try RecipeFile.minimal("oven: {mode: grill, limit: 1, shelves: [2]}\nicing: {colours: ['yes', a b]}\n")
            .load("notes='null'", "oven.degrees=30")
        let text = try first.resolvedYAML()
        #expect(try RecipeFile(text).load() == first)
        #expect(
            text == """
                title: cake
                servings: 4
                oven:
                  mode: grill
                  minutes: 40
                  degrees: 30.0
                  tolerance: 1.0e-06
                  preheat: true
                  limit: 1.0
                  shelves: [2]
                  steam: [0.9, 0.95]
                icing:
                  colours: ["yes", "a b"]
                  grams: 60
                notes: "null"

                """)
    }

    @Test func `settings are the defaults with what a closure changes`() {
        var expected = Recipe()
        expected.oven.minutes = 10
        #expect(Recipe { $0.oven.minutes = 10 } == expected)
    }
}
