/// What happens to one call of a run.
struct Fault: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case kill, failure, fullDisk = "full disk"
    }

    let kind: Kind
    let call: Call
    /// Whether the call was counted among those of `status.json`, too.
    var countsStatus = false

    var environment: [String: String] {
        let variables = ["FAULT_AT": "\(call.number)"]
        return switch kind {
        case .kill: variables.merging(["FAULT_KILL": "1"]) { $1 }
        case .failure: variables
        case .fullDisk: variables.merging(["FAULT_STICKY": "1"]) { $1 }
        }
    }
}

/// A system call that changes a file of the results.
struct Call: Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    let number: Int
    let operation: String
    /// Below the results, without process ids.
    let path: String
    var kind: FileKind { FileKind(path) }

    var description: String { "\(number) \(operation) \(path)" }

    static func read(_ log: String, results: String) throws -> [Call] {
        try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let number = Int(words[0]) else { return nil }
            let path = String(words[2].dropFirst(results.count + 1)).replacing(/\.[0-9]+\.partial/, with: ".partial")
            return Call(number: number, operation: String(words[1]), path: path)
        }
    }

    /// `count` calls among which every operation and every kind of file is, the others evenly spread.
    /// - Parameter place: in 0 ..< 1, which of several equal calls is taken.
    static func cover(_ calls: [Call], count: Int, place: Double) -> [Call] {
        guard count < calls.count else { return calls }
        var chosen: [Call] = [], operations: Set<String> = [], kinds: Set<FileKind> = []
        func gain(_ call: Call) -> Int { (operations.contains(call.operation) ? 0 : 1) + (kinds.contains(call.kind) ? 0 : 1) }
        while chosen.count < count, let best = calls.map(gain).max(), best > 0 {
            let equal = calls.filter { gain($0) == best }
            let call = equal[Int(place * Double(equal.count))]
            chosen.append(call)
            operations.insert(call.operation)
            kinds.insert(call.kind)
        }
        let left = count - chosen.count
        let others = (0..<max(0, left)).map { calls[Int((Double($0) + place) / Double(left) * Double(calls.count))] }
        return (chosen + others.filter { !chosen.contains($0) }).sorted { $0.number < $1.number }
    }
}
