import Foundation
import PackagePlugin

/// Has `identity.sh` write down which commit is built and what the code of each folder is, whenever a source or the checked-out
/// commit changes. A command that runs before the build would not do: an incremental build of unchanged structure leaves it out, and
/// the program would take its results for those of the code before.
@main struct SourceIdentityPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL, output = context.pluginWorkDirectoryURL
        let script = package.appending(path: "Sources/SourceIdentity/identity.sh")
        return [
            .buildCommand(
                displayName: "Identity of the sources", executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: [script.path, package.path, output.path], inputFiles: try sources(package) + revision(package),
                outputFiles: [output.appending(path: "SourceIdentity.swift")])
        ]
    }

    private func sources(_ package: URL) throws -> [URL] {
        let folder = package.appending(path: "Sources")
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted().map { folder.appending(path: $0) }.filter {
            ["swift", "h", "c", "sh"].contains($0.pathExtension)
        }
    }

    /// What changes when another commit is checked out or made; nothing outside a checkout.
    private func revision(_ package: URL) -> [URL] {
        ["HEAD", "logs/HEAD", "index"].map { package.appending(path: ".git/\($0)") }.filter { FileManager.default.fileExists(atPath: $0.path) }
    }
}
