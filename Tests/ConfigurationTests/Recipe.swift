import Basics
import Configuration
import Foundation
import TestSupport

/// Settings with a value of every kind, to try the engine on.
struct Recipe: Equatable {
    struct Oven: Equatable {
        enum Mode: String, SettingsChoice { case circulating, grill }

        var mode = Mode.circulating
        var minutes = 40
        var degrees = 180.0
        var tolerance = 1e-6
        var preheat = true
        var limit: Double?
        var shelves = [1, 3]
        var steam = [0.9, 0.95]
    }

    struct Icing: Equatable {
        var colours = ["white"]
        var grams = 60
    }

    var title = ""
    var servings = 4
    var oven = Oven()
    /// Nil for a plain cake.
    var icing: Icing?
    var notes: String?
}

extension Recipe: ConfigurationRoot {
    static let name = "recipe"
    static let smallest = "at least the key title"
    static let overrideExample = "oven.minutes=50"
    static let profileExample = "oven.minutes: 5"

    static var fields: [SettingsField<Recipe>] {
        [
            SettingsField("title", \.title, .folderName),
            SettingsField("servings", \.servings, .within(1...1024)),
            SettingsField(group: "oven", \.oven),
            SettingsField(group: "icing", \.icing),
            SettingsField("notes", \.notes, Rule.notEmpty.ifPresent),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard let icing, icing.grams > 100 * servings else { return }
        throw origins.violation(path, "icing.grams", expected: "at most 100 a serving", found: "\(icing.grams)")
    }
}

extension Recipe.Oven: SettingsGroup {
    static var fields: [SettingsField<Recipe.Oven>] {
        [
            SettingsField("mode", \.mode),
            SettingsField("minutes", \.minutes, .count(from: 1)),
            SettingsField("degrees", \.degrees, .strictlyBetween(0, 300)),
            SettingsField("tolerance", \.tolerance, .atLeast(0)),
            SettingsField("preheat", \.preheat),
            SettingsField("limit", \.limit, Rule.above(0).ifPresent),
            SettingsField("shelves", \.shelves, Rule.within(1...9).each(count: 1...4)),
            SettingsField("steam", \.steam, Rule.between(0, below: 1).each(count: 2...2)),
        ]
    }
}

extension Recipe.Icing: SettingsGroup {
    static var fields: [SettingsField<Recipe.Icing>] {
        [SettingsField("colours", \.colours, Rule.notEmpty.each(count: 0...4)), SettingsField("grams", \.grams, .count(from: 0))]
    }
}

/// A recipe's file in a folder of its own.
struct RecipeFile {
    let folder: String
    var path: String { folder + "/mine.yaml" }

    init(_ text: String) throws {
        folder = try SharedData.temporaryFolder()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Another file beside it.
    func add(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }

    /// The smallest file that is valid, on its first line, with more lines after it.
    static func minimal(_ more: String = "") throws -> RecipeFile { try RecipeFile("title: cake\n" + more) }

    func load(profile: String? = nil, _ overrides: String...) throws -> Recipe {
        try ConfigurationFile<Recipe>.load(path, profile: profile, overrides: overrides).settings
    }

    /// The failure of loading, nil when it loads.
    func failure(profile: String? = nil, _ overrides: String...) throws -> Failure? {
        do {
            _ = try ConfigurationFile<Recipe>.load(path, profile: profile, overrides: overrides)
            return nil
        } catch let failure as Failure {
            return failure
        }
    }
}
