import ArgumentParser
import Basics
import Configuration
import Foundation
import Runs

/// The verbs there are, looked up before swift-argument-parser sees the arguments: it knows no nearest name.
enum Verbs {
    /// - Throws: `Failure` (`usage`) when a word stands where a verb belongs and none is called so.
    /// - Parameter path: the verbs that led to the command, its own last.
    static func check(_ arguments: [String], of command: any ParsableCommand.Type, path: [String] = ["alt"]) throws {
        let verbs = command.configuration.subcommands
        guard let word = arguments.first, !verbs.isEmpty, !word.hasPrefix("-") else { return }
        let rest = Array(arguments.dropFirst())
        if word == "help", path.count == 1 { return try check(rest, of: command, path: path) }
        if let verb = verbs.first(where: { name($0) == word }) { return try check(rest, of: verb, path: path + [word]) }
        let names = verbs.filter { $0.configuration.shouldDisplay }.map { name($0) }
        let nearest = NearestName.of(word, among: names).flatMap { NearestName.distance(word, $0) <= max(2, word.count / 2) ? $0 : nil }
        throw Failure(
            .usage, "there is no such command", at: "command line: \((path + [word]).joined(separator: " "))",
            expected: "one of \(names.joined(separator: ", "))", found: word,
            remedy: nearest.map { "did you mean \($0)?" } ?? "`\(path.joined(separator: " ")) --help` says what each does")
    }

    private static func name(_ command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}

/// What the program prints for people and for other programs.
enum Output {
    /// On standard output, at once.
    /// - Throws: `Failure` (`inputOutput`) when not all of it could be written: to a full disk, for instance.
    static func print(_ text: String, terminator: String = "\n") throws {
        do { try FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8)) } catch {
            throw Failure(
                .inputOutput, "standard output cannot be written", at: "standard output", expected: "room for what is printed",
                found: error.localizedDescription,
                remedy: "check where it is redirected to; what the command writes into files is there all the same")
        }
    }
}

extension Rule where Value == Int {
    /// - Throws: `ValidationError` for an option's value that the settings' rule refuses.
    func check(_ value: Int, _ option: String) throws {
        if !accepts(value) { throw ValidationError("\(option) must be \(expectation), found \(value)") }
    }
}

/// What is drawn.
struct DrawingOptions: ParsableArguments {
    @Flag(help: "Leave figures as data and gnuplot scripts, for many runs; the same command without it draws them.") var noPictures = false

    var drawsPictures: Bool { !noPictures }
}

/// How much is said on standard error.
struct ConsoleOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "No progress, warnings and errors only.") var quiet = false
    @Flag(name: [.short, .long], help: "Also what is found in the store and what is made.") var verbose = false

    func validate() throws {
        if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    }

    var console: Console { .standardError(quiet: quiet, verbose: verbose) }
}
