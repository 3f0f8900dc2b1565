import Basics
import Foundation

/// What a robomimic file holds, for people (`text`) and programs (`Codable`).
public struct DatasetDescription: Sendable, Equatable, Codable {
    /// One dataset of a demonstration, for instance `obs/agentview_image`, over all demonstrations.
    public struct Key: Sendable, Equatable, Codable {
        public var path: String
        /// Shape of one step, in the first demonstration that has the key.
        public var shape: [Int]
        /// Element type as stored, for instance `float64`.
        public var type: String
        /// `none`, or the filters, for instance `gzip 4`.
        public var compression: String
        /// Bytes in the file, of all demonstrations.
        public var storedByteCount: Int
        /// How many demonstrations have it.
        public var demonstrations: Int
        /// Whether shape and type are the same in all of those.
        public var isUniform: Bool
    }

    public struct Mask: Sendable, Equatable, Codable {
        public var key: String
        /// Names listed, absent ones included.
        public var count: Int
        /// Names that the file does not have.
        public var absent: [String]
        /// Whether it holds names at all.
        public var isText: Bool
    }

    /// One dimension of the actions over all demonstrations; minimum and maximum are nil when no value is finite.
    public struct ActionRange: Sendable, Equatable, Codable {
        public var minimum: Float?
        public var maximum: Float?
        public var nonFinite: Int
    }

    public var path: String
    public var fileByteCount: Int
    public var demonstrations: Int
    /// Rows of actions of all demonstrations.
    public var steps: Int
    public var shortest: Int
    public var longest: Int
    public var firstName: String
    public var lastName: String
    public var environmentName: String?
    public var environmentVersion: String?
    public var keys: [Key]
    public var masks: [Mask]
    public var actionRanges: [ActionRange]

    /// A page of aligned columns.
    public var text: String {
        var lines = [
            "file            \(path) (\(ByteCount.text(fileByteCount)))",
            "demonstrations  \(demonstrations) (\(firstName) to \(lastName)), \(steps) steps, \(shortest) to \(longest) each",
            "environment     \(environmentName ?? "not stated")\(environmentVersion.map { ", version \($0)" } ?? "")",
            "",
        ]
        lines += Self.columns(
            [["key", "per step", "type", "compression", "stored", "note"]]
                + keys.map { key in
                    [
                        key.path, key.shape.isEmpty ? "1" : key.shape.map(String.init).joined(separator: " x "), key.type,
                        key.compression, ByteCount.text(key.storedByteCount), note(key),
                    ]
                })
        lines += [""] + Self.columns(
            [["mask", "demonstrations", "note"]]
                + masks.map { mask in
                    let absent = mask.absent.isEmpty ? "" : "absent: \(RobomimicLayout.list(mask.absent))"
                    let note = mask.isText ? (mask.count == 0 ? "empty" : absent) : "does not hold names"
                    return [mask.key, String(mask.count), note]
                })
        lines += [""] + Self.columns(
            [["action", "minimum", "maximum", "note"]]
                + actionRanges.enumerated().map { index, range in
                    [
                        String(index), range.minimum.map { "\($0)" } ?? "NA", range.maximum.map { "\($0)" } ?? "NA",
                        range.nonFinite == 0 ? "" : "\(range.nonFinite) not finite",
                    ]
                })
        return lines.joined(separator: "\n") + "\n"
    }

    private func note(_ key: Key) -> String {
        var notes: [String] = []
        if key.demonstrations < demonstrations { notes.append("in \(key.demonstrations) demonstrations") }
        if !key.isUniform { notes.append("shape or type differs between demonstrations") }
        return notes.joined(separator: ", ")
    }


    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (0..<rows[0].count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }
}

/// Smallest and largest finite value of one dimension, and how many values were not finite.
struct DimensionRange {
    /// Infinity until a finite value is seen.
    private(set) var minimum = Float.infinity
    private(set) var maximum = -Float.infinity
    private(set) var nonFinite = 0

    mutating func include(_ value: Float) {
        guard value.isFinite else {
            nonFinite += 1
            return
        }
        minimum = min(minimum, value)
        maximum = max(maximum, value)
    }

    /// One range per column of rows [*, width].
    static func of(_ parts: [[Float]], width: Int) -> [DimensionRange] {
        var ranges = [DimensionRange](repeating: DimensionRange(), count: width)
        for part in parts { ranges.include(rows: part) }
        return ranges
    }
}

extension [DimensionRange] {
    /// Widens one range per column by rows [*, count].
    mutating func include(rows: [Float]) {
        var column = 0
        for value in rows {
            self[column].include(value)
            column = column + 1 == count ? 0 : column + 1
        }
    }
}
