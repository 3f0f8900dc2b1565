/// Parts of a path as text. Foundation's `NSString.deletingLastPathComponent` stops the program on a path of one letter
/// (Swift 6.3 on Linux).
public enum PathName {
    /// Everything before the last slash; empty when there is none, "/" for a name in the root.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What follows the last slash.
    public static func last(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// What follows the last dot of the last name, without the dot; empty when there is none.
    public static func suffix(of path: String) -> String {
        let name = last(of: path)
        return name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
    }
}
