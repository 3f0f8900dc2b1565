import Basics
import Foundation
import Yams

/// One file of settings among those that a file builds on: its own values and its profiles.
struct FileLayer {
    /// The key that names the file to build on, relative to this one.
    static let baseKey = "base"
    static let profilesKey = "profiles"

    let root: ConfigurationNode
    let values: [ConfigurationNode]
    let profiles: [Profile]

    /// The file and those that it builds on, these first.
    /// - Throws: `Failure`: `inputMissing` for a file that is not there, `data` for its content or files that build on each other.
    static func all<Root: ConfigurationRoot>(_ path: String, of root: Root.Type) throws -> [FileLayer] {
        var layers: [FileLayer] = [], paths: [String] = [], next: (path: String, namedAt: String?)? = (path, nil)
        while let (path, namedAt) = next {
            let resolved = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
            guard !paths.contains(resolved) else {
                throw Failure(
                    .data, "files build on each other in a circle", at: namedAt ?? path, expected: "a file that does not build on this one",
                    found: path, remedy: "remove one of the `base:` lines")
            }
            paths.append(resolved)
            let (layer, base) = try read(path, namedAt: namedAt, of: root)
            layers.insert(layer, at: 0)
            next = base.map { (PathName.folder(of: path).isEmpty || $0.text.hasPrefix("/") ? $0.text : PathName.folder(of: path) + "/" + $0.text, $0.location) }
        }
        return layers
    }

    private static func read<Root: ConfigurationRoot>(
        _ path: String, namedAt: String?, of root: Root.Type
    ) throws -> (layer: FileLayer, base: (text: String, location: String)?) {
        let node: ConfigurationNode
        do { node = try parse(path, of: root) } catch var failure as Failure where failure.kind == .inputMissing {
            if let namedAt { failure.location = "\(namedAt): \(path)" }
            throw failure
        }
        return try layer(node, path, of: root)
    }

    /// A text that stands in another file and builds on nothing.
    /// - Parameter place: where it stands, for messages
    static func text<Root: ConfigurationRoot>(_ text: String, from place: String, of root: Root.Type) throws -> FileLayer {
        try layer(compose(text, place, of: root), place, of: root).layer
    }

    private static func layer<Root: ConfigurationRoot>(
        _ node: ConfigurationNode, _ path: String, of root: Root.Type
    ) throws -> (layer: FileLayer, base: (text: String, location: String)?) {
        let own = [baseKey, profilesKey], keys = Root.fields.map(\.key)
        let entries = try node.entries(of: (keys + own).joined(separator: ", "))
        for (key, value) in entries where !(keys + own).contains(key) {
            guard let near = own.first(where: { NearestName.distance(key, $0) <= $0.count / 4 }) else { continue }
            throw Failure(
                .data, "unknown key '\(key)'", at: value.location, expected: "one of \((keys + own).joined(separator: ", "))",
                found: key, remedy: "did you mean \(near)?")
        }
        func entry(_ key: String) -> ConfigurationNode? { entries.first { $0.key == key }?.value }
        let profiles = try entry(profilesKey).map { try Profile.all(in: $0, file: path) } ?? []
        let base = try entry(baseKey).flatMap { value -> (String, String)? in
            if value.isNull { return nil }
            guard case .scalar(let scalar) = value.node, !scalar.string.isEmpty else {
                throw value.wrongType(expected: "a YAML file, relative to this one")
            }
            return (scalar.string, value.location)
        }
        return (FileLayer(root: node, values: entries.filter { !own.contains($0.key) }.map(\.value), profiles: profiles), base)
    }

    func apply(to settings: inout some SettingsGroup, _ origins: inout SettingsOrigins) throws {
        origins.record(root)
        for value in values { try settings.assign(value.path[...], value, &origins) }
    }

    private static func parse<Root: ConfigurationRoot>(_ path: String, of root: Root.Type) throws -> ConfigurationNode {
        try compose(readText(path, of: root), path, of: root)
    }

    private static func compose<Root: ConfigurationRoot>(_ text: String, _ path: String, of root: Root.Type) throws -> ConfigurationNode {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw Failure(
                    .data, "the \(Root.name) is empty", at: path, expected: Root.smallest)
            }
            return ConfigurationNode(node, source: .file(path))
        } catch let error as YamlError {
            throw error.failure(file: path)
        }
    }

    private static func readText<Root: ConfigurationRoot>(_ path: String, of root: Root.Type) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(
                .inputMissing, "the \(Root.name)'s file does not exist", at: path, expected: "a YAML file",
                remedy: NearbyFile.sentence(for: path, extensions: ["yaml", "yml"]))
        }
        guard !isFolder.boolValue else {
            throw Failure(
                .inputMissing, "the \(Root.name) is a folder", at: path, expected: "a YAML file", found: "a folder",
                remedy: NearbyFile.sentence(for: path + "/config.yaml", extensions: ["yaml", "yml"]))
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.inputOutput, "cannot read the \(Root.name)'s file", at: path, remedy: "check its permissions")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Failure(.data, "the \(Root.name) is not text", at: path, expected: "UTF-8")
        }
        // Some editors begin a file with a byte order mark, which is no part of the YAML.
        return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }
}
