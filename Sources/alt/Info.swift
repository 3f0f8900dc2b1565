import ArgumentParser
import Basics
import Runs

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a bug report needs: versions, processor, tools.",
        discussion: """
            Example:
              alt info
            """)

    @Flag(help: "JSON instead of lines.") var json = false

    func run() throws {
        let info = try SystemInformation.current()
        if json { return try JSONOutput.print(info) }
        print(TextColumns.align(info.lines), terminator: "")
    }
}
