import Basics

/// A demonstration as tables name it: by its name in the file, and by its position among the demonstrations that were loaded.
/// Without a position it is none.
public struct NamedDemonstration: Hashable, Sendable {
    public var name = ""
    public var position: Int?

    public init() {}

    init(name: String, position: Int) {
        self.name = name
        self.position = position
    }
}

/// The demonstrations' names in the file, by position.
public struct DemonstrationNames: Sendable {
    private let names: [String]

    public init(_ names: [String]) { self.names = names }

    /// Those of data that come from no file, numbered as robomimic numbers them.
    public static let numbered = DemonstrationNames([])

    public subscript(position: Int) -> NamedDemonstration {
        precondition(names.isEmpty || names.indices.contains(position), "demonstration \(position) of \(names.count)")
        return NamedDemonstration(name: names.isEmpty ? "demo_\(position)" : names[position], position: position)
    }

    /// None for nil.
    public subscript(position: Int?) -> NamedDemonstration { position.map { self[$0] } ?? NamedDemonstration() }
}

extension Column {
    /// The columns `demonstration` and `demonstration_position`.
    public static func demonstration(_ path: WritableKeyPath<Row, NamedDemonstration>) -> Column { demonstration("", path) }

    /// The same with a prefix such as `recalled_`, where a row has several.
    public static func demonstration(_ prefix: String, _ path: WritableKeyPath<Row, NamedDemonstration>) -> Column {
        Column(
            path,
            [
                Column<NamedDemonstration>("\(prefix)demonstration", \.name),
                Column<NamedDemonstration>("\(prefix)demonstration_position", \.position),
            ])
    }
}
