import Basics

/// An open file in robomimic's layout: `/data/<demonstration>` and `/mask/<filter key>`.
struct RobomimicLayout {
    let file: HDF5File
    let data: HDF5Group
    /// All demonstrations, in natural order.
    let names: [String]

    /// - Throws: `Failure` when the file cannot be opened or holds no demonstration.
    init(reading path: String) throws {
        file = try HDF5File(reading: path)
        let root = try file.root()
        guard let data = try root.group("data") else {
            throw Failure(
                .data, "the file has no group /data", at: path, expected: "robomimic's layout: /data/demo_0, ...",
                found: "top-level names: \(Self.list(try root.names()))",
                remedy: "convert the file with robomimic's scripts/conversion")
        }
        self.data = data
        names = try data.names().filter { try data.kind(of: $0) == .group }.sorted(by: NaturalOrder.precedes)
        guard !names.isEmpty else {
            throw Failure(
                .data, "the file has no demonstrations", at: data.location, expected: "groups such as demo_0",
                found: Self.list(try data.names()), remedy: "check that the recording was saved")
        }
    }

    var path: String { file.path }

    /// `env_args` as stored, nil when absent.
    func environment() throws -> String? { try data.text(attribute: "env_args") }

    func demonstration(_ name: String) throws -> HDF5Group {
        guard let group = try data.group(name) else {
            throw Failure(
                .data, "there is no such demonstration", at: "\(data.location)/\(name)",
                found: NearestName.list(names, for: name), remedy: "name one of those")
        }
        return group
    }

    /// The demonstrations of a selection, in natural order.
    /// - Throws: `Failure` when the filter key is unknown, or nothing is left.
    func names(filterKey: String?, limit: Int?) throws -> [String] {
        var chosen = names
        if let filterKey { chosen = try names(listedBy: filterKey) }
        guard let limit else { return chosen }
        guard limit >= 1 else {
            throw Failure(
                .data, "no demonstration is left to load", at: path, expected: "a limit of at least 1",
                found: "limit \(limit) of \(chosen.count) demonstrations", remedy: "raise the limit")
        }
        return Array(chosen.prefix(limit))
    }

    /// Every mask with the names it lists, in natural order of the masks; the names are nil where it does not
    /// hold text. Empty when the file has no masks.
    func masks() throws -> [(key: String, names: [String]?)] {
        guard let group = try file.root().group("mask") else { return [] }
        return try group.names().sorted(by: NaturalOrder.precedes).compactMap { key in
            guard let dataset = try group.dataset(key) else { return nil }
            return (key, dataset.count == 0 ? [] : try dataset.readTexts())
        }
    }

    private func names(listedBy filterKey: String) throws -> [String] {
        let group = try file.root().group("mask")
        guard let group, let dataset = try group.dataset(filterKey) else {
            let known = try group?.names().sorted(by: NaturalOrder.precedes) ?? []
            throw Failure(
                .data, "there is no such filter key", at: "\(path):/mask/\(filterKey)",
                expected: "one of the file's filter keys", found: NearestName.list(known, for: filterKey),
                remedy: known.isEmpty
                    ? "leave the filter key out, or make masks with robomimic's split_train_val.py" : "name one of those")
        }
        guard let listed = dataset.count == 0 ? [] : try dataset.readTexts() else {
            throw Failure(
                .data, "the filter key does not hold names", at: dataset.location,
                expected: "strings such as demo_0", found: dataset.summary,
                remedy: "write the mask as an array of demonstration names")
        }
        guard !listed.isEmpty else {
            throw Failure(
                .data, "the filter key lists no demonstrations", at: dataset.location,
                expected: "names of demonstrations", found: "an empty mask", remedy: "choose another filter key")
        }
        let wanted = Set(listed)
        let chosen = names.filter(wanted.contains)
        guard !chosen.isEmpty else {
            throw Failure(
                .data, "the filter key lists only demonstrations that the file does not have", at: dataset.location,
                expected: "some of \(Self.list(names))", found: Self.list(listed), remedy: "choose another filter key")
        }
        return chosen
    }

    /// At most eight names, and how many more there are.
    static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "nothing" }
        let shown = names.prefix(8).joined(separator: ", ")
        return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
    }
}
