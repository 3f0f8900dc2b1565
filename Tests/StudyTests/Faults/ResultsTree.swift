import Foundation

/// Everything below a results folder, to compare with that of an uninterrupted run.
struct ResultsTree: Sendable {
    enum Entry: Equatable, Sendable {
        case folder, file(Data)
        /// A symbolic link; what it leads to is compared as well, under the link's name.
        case link(String)
    }

    /// Files that may differ, but must be there: the only exceptions, and why.
    static let measured: [(name: String, reason: String)] = [
        ("log.txt", "times of day, and what each attempt said"),
        ("provenance.json", "start, end and exit status of each attempt"),
        ("status.json", "how the last attempt ended"),
        ("entry.json", "when an entry of the store was made, and how long it took"),
        ("lock", "the process that held it last"),
        ("p23_*", "times per query"),
    ]

    /// By path below the folder.
    private(set) var entries: [String: Entry] = [:]

    /// - Throws: when a folder cannot be listed, or a file read.
    init(_ folder: String) throws { try read(folder, as: "", above: []) }

    private mutating func read(_ folder: String, as name: String, above: Set<String>) throws {
        let real = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        // A link to a folder that holds it.
        guard !above.contains(real) else { return }
        for item in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = "\(folder)/\(item)", key = name.isEmpty ? item : "\(name)/\(item)"
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            if let target { entries[key] = .link(target) }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            let content = target == nil ? key : key + "/."
            if isFolder.boolValue {
                entries[content] = .folder
                try read(path, as: key, above: above.union([real]))
            } else {
                entries[content] = .file(try Data(contentsOf: URL(fileURLWithPath: path)))
            }
        }
    }

    /// Regular files that are not empty and not reached through a link, by path.
    var files: [String: Data] {
        entries.reduce(into: [:]) { files, entry in
            guard case .file(let data) = entry.value, !data.isEmpty, !isLinked(entry.key) else { return }
            files[entry.key] = data
        }
    }

    private func isLinked(_ path: String) -> Bool {
        var prefix = ""
        return path.split(separator: "/").contains { part in
            prefix += prefix.isEmpty ? "\(part)" : "/\(part)"
            if case .link = entries[prefix] { return true }
            return false
        }
    }

    private static func isMeasured(_ path: String) -> Bool {
        let name = path.split(separator: "/").last { $0 != "." } ?? ""
        return measured.contains { fnmatch($0.name, String(name), 0) == 0 }
    }

    /// Whether a path is a run's link, or lies behind one, to an entry of the store that is there. A study that found something
    /// whole and had to make it again points to what that is made of, too.
    private func hasEntry(linkedFrom path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let store = parts.firstIndex(of: "store"), store > 0, parts.count > store + 2 else { return false }
        return entries["store/\(parts[store + 2])/entry.json"] != nil
    }

    /// Where this tree is not that of the uninterrupted run: a line by path.
    func differences(from whole: ResultsTree) -> [String: String] {
        Set(entries.keys).union(whole.entries.keys).reduce(into: [:]) { differences, path in
            // What was damaged is kept there for whoever wants to know why.
            guard !path.hasPrefix("store/set-aside") else { return }
            switch (entries[path], whole.entries[path]) {
            case (nil, _): differences[path] = "missing"
            case (_, nil): if !whole.hasEntry(linkedFrom: path) { differences[path] = "left over" }
            case (.file(let actual)?, .file(let expected)?):
                guard actual != expected, !Self.isMeasured(path) else { return }
                let byte = zip(actual, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(actual.count, expected.count)
                differences[path] = "differs from byte \(byte) of \(expected.count)"
            case (let actual?, let expected?):
                if actual != expected { differences[path] = "is \(actual) instead of \(expected)" }
            }
        }
    }

    /// The first few differences in a line.
    static func shown(_ differences: [String: String]) -> String {
        let lines = differences.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return lines.prefix(3).joined(separator: "; ") + (lines.count > 3 ? "; and \(lines.count - 3) more" : "")
    }
}
