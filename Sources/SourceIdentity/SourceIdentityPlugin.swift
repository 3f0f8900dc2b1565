import Foundation
import PackagePlugin

/// Has `identity.sh` write down, before every build, which commit is built and what the code of each folder is.
@main struct SourceIdentityPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL, output = context.pluginWorkDirectoryURL
        return [
            .prebuildCommand(
                displayName: "Identity of the sources", executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: [package.appending(path: "Sources/SourceIdentity/identity.sh").path, package.path, output.path],
                outputFilesDirectory: output)
        ]
    }
}
