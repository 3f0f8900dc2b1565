/// How progress reads, apart from where and when it is shown.
struct ProgressText {
    var label: String
    var done: Int
    var total: Int
    /// Count at which this process started.
    var first: Int
    /// Since this process started.
    var seconds: Double
    var detail: String

    private var share: Double { total == 0 ? 1 : min(1, Double(done) / Double(total)) }

    /// Seconds left at the mean rate of this process; nil before the first step.
    var remaining: Double? {
        guard done > first, seconds > 0 else { return nil }
        return seconds / Double(done - first) * Double(max(0, total - done))
    }

    private var numbers: String {
        var parts = ["\(done)/\(total)", "\(Int(share * 100)) %"]
        if let remaining { parts.append("ETA \(Self.duration(remaining))") }
        if !detail.isEmpty { parts.append(detail) }
        return parts.joined(separator: "  ")
    }

    var line: String { "\(label): \(numbers)" }

    /// A bar that fits into `width` characters; the bar itself gives way first.
    func bar(width: Int) -> String {
        let cells = min(30, width - label.count - numbers.count - 6)
        guard cells >= 5 else { return String(line.prefix(max(0, width - 1))) }
        let filled = Int(share * Double(cells))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled)
        return "\(label) [\(bar)] \(numbers)"
    }

    /// "8 s", "3 min 12 s", "2 h 5 min".
    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}
