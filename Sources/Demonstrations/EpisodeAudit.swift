import Basics

/// The findings over demonstrations, checked one after the other.
struct EpisodeAudit {
    private(set) var findings: [ValidationReport.Finding] = []
    private(set) var steps = 0

    private var shapes: [String: [Int]] = [:]  // per step, from the first demonstration that has the key
    private var requiredKeys: (demonstration: String, keys: [String])?
    private var ranges: [String: [DimensionRange]] = [:]
    private var sameActions: [Int: [String]] = [:]  // by fingerprint
    private var sameEverything: [Int: [String]] = [:]

    mutating func add(_ severity: ValidationReport.Severity, _ location: String, _ message: String) {
        findings.append(.init(severity: severity, location: location, message: message))
    }

    mutating func add(_ severity: ValidationReport.Severity, _ failure: Failure, path: String) {
        findings.append(Self.finding(severity, failure, path: path))
    }

    static func finding(
        _ severity: ValidationReport.Severity, _ failure: Failure, path: String
    ) -> ValidationReport.Finding {
        var location = failure.location ?? path
        if location.hasPrefix(path + ":") { location.removeFirst(path.count + 1) }
        let details = [failure.expected.map { "expected \($0)" }, failure.found.map { "found \($0)" }].compactMap { $0 }
        return .init(
            severity: severity, location: location,
            message: ([failure.what] + [details.joined(separator: ", ")]).filter { !$0.isEmpty }.joined(separator: ": "))
    }

    /// Checks one demonstration.
    /// - Throws: the `Failure` that makes the rest of it uncheckable.
    mutating func check(_ demonstration: HDF5Group, name: String) throws {
        let actions = try RobomimicSchema.actions(of: demonstration)
        steps += actions.rows
        if let stated = try demonstration.integer(attribute: "num_samples"), stated != actions.rows {
            add(.warning, demonstration.path, "attribute num_samples says \(stated) steps; the actions have \(actions.rows)")
        }
        var actionsHash = Hasher()
        try checkValues(of: actions, key: "actions", length: actions.rows, into: &actionsHash)
        var fullHash = actionsHash
        for key in ["states", "rewards", "dones"] {
            guard let dataset = try demonstration.dataset(key) else { continue }
            checkLength(of: dataset, actions.rows)
        }
        let observations = try RobomimicSchema.observations(of: demonstration)
        try checkObservations(observations, prefix: "obs", length: actions.rows, into: &fullHash)
        if let next = try demonstration.group("next_obs") {
            try checkObservations(next, prefix: "next_obs", length: actions.rows, into: &fullHash)
        }
        try checkPresence(of: ObservationKeys(of: observations), name: name, location: observations.path)
        sameActions[actionsHash.finalize(), default: []].append(name)
        sameEverything[fullHash.finalize(), default: []].append(name)
    }

    /// Adds what only all demonstrations together show.
    mutating func summarise() {
        for (key, ranges) in ranges.sorted(by: { $0.key < $1.key }) {
            let constant = ranges.indices.filter { ranges[$0].minimum == ranges[$0].maximum }
            if !constant.isEmpty, steps > 1 {
                add(.warning, key, "constant in every step: dimensions \(Self.list(constant))")
            }
        }
        if let actions = ranges["actions"] {
            let outside = actions.indices.filter { actions[$0].minimum < -1.000_001 || actions[$0].maximum > 1.000_001 }
            if !outside.isEmpty {
                let bounds = outside.map { "\($0) in [\(actions[$0].minimum), \(actions[$0].maximum)]" }
                add(
                    .warning, "actions",
                    "outside [-1, 1], so these are no delta actions of a simulator: dimension "
                        + bounds.joined(separator: ", "))
            }
        }
        let copies = sameEverything.values.filter { $0.count > 1 }.sorted { NaturalOrder.precedes($0[0], $1[0]) }
        for names in copies {
            add(.error, "/data/\(names[1])", "the same data as \(names[0]), so a split would leak: \(RobomimicLayout.list(names))")
        }
        let identical = Set(copies.map { $0.joined(separator: " ") })
        let repeated = sameActions.values.filter { $0.count > 1 && !identical.contains($0.joined(separator: " ")) }
            .sorted { NaturalOrder.precedes($0[0], $1[0]) }
        if let first = repeated.first {
            add(
                .warning, "/data",
                "\(repeated.count) sets of demonstrations share their actions exactly but not their observations, "
                    + "for instance \(RobomimicLayout.list(first))")
        }
    }

    private mutating func checkObservations(
        _ group: HDF5Group, prefix: String, length: Int, into hash: inout Hasher
    ) throws {
        for key in try group.names().sorted(by: NaturalOrder.precedes) {
            do {
                guard let dataset = try group.dataset(key) else { continue }
                let path = "\(prefix)/\(key)"
                if key.hasSuffix("_image") {
                    _ = try RobomimicSchema.cameraDataset(key, in: group, known: [])
                }
                guard checkLength(of: dataset, length), checkShape(of: dataset, key: path) else { continue }
                if dataset.elementType == .integer(bits: 8, signed: false), dataset.shape.count == 4 {
                    try checkFrames(of: dataset, into: &hash)
                } else if dataset.isLowDim {
                    try checkValues(of: dataset, key: path, length: length, into: &hash)
                }
            } catch let failure as Failure {
                add(.error, failure, path: group.file.path)
            }
        }
    }

    @discardableResult private mutating func checkLength(of dataset: HDF5Dataset, _ length: Int) -> Bool {
        if dataset.rows != length {
            add(.error, dataset.path, "\(dataset.rows) rows for \(length) actions")
        }
        return dataset.rows == length
    }

    private mutating func checkShape(of dataset: HDF5Dataset, key: String) -> Bool {
        let shape = Array(dataset.shape.dropFirst())
        let expected = shapes[key, default: shape]
        shapes[key] = expected
        if shape != expected {
            add(.error, dataset.path, "shape \(shape) per step; earlier demonstrations have \(expected)")
        }
        return shape == expected
    }

    /// NaN and infinity, quaternion norms, and the ranges that `summarise` judges.
    private mutating func checkValues(
        of dataset: HDF5Dataset, key: String, length: Int, into hash: inout Hasher
    ) throws {
        let values = try dataset.readFloats()
        let width = dataset.rowWidth
        values.withUnsafeBytes { hash.combine(bytes: $0) }
        if ranges[key] == nil { ranges[key] = [DimensionRange](repeating: DimensionRange(), count: width) }
        guard ranges[key]?.count == width else {
            add(.error, dataset.path, "\(width) values per step; earlier demonstrations have \(ranges[key]?.count ?? 0)")
            return
        }
        ranges[key]?.include(rows: values)
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            let count = values.count { !$0.isFinite }
            add(
                .error, dataset.path,
                "\(count) values are not finite, the first at step \(bad / width), dimension \(bad % width): \(values[bad])")
        } else if key.contains("quat"), width == 4 {
            checkNorms(of: values, location: dataset.path)
        }
    }

    private mutating func checkNorms(of quaternions: [Float], location: String) {
        let norms = stride(from: 0, to: quaternions.count, by: 4).map { start in
            quaternions[start..<start + 4].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let worst = norms.indices.max { abs(norms[$0] - 1) < abs(norms[$1] - 1) }
        guard let worst, abs(norms[worst] - 1) > 0.01 else { return }
        add(
            abs(norms[worst] - 1) > 0.1 ? .error : .warning, location,
            "quaternions are not of unit length: norm \(norms[worst]) at step \(worst)")
    }

    private mutating func checkFrames(of dataset: HDF5Dataset, into hash: inout Hasher) throws {
        var bytes = [UInt8](repeating: 0, count: dataset.count)
        try bytes.withUnsafeMutableBytes { try dataset.readBytes(into: $0) }
        bytes.withUnsafeBytes { hash.combine(bytes: $0) }
        let frameByteCount = dataset.count / max(1, dataset.rows)
        let blank = (0..<dataset.rows).filter { frame in
            let start = frame * frameByteCount
            return bytes[start..<start + frameByteCount].allSatisfy { $0 == bytes[start] }
        }
        guard let first = blank.first else { return }
        add(.warning, dataset.path, "\(blank.count) of \(dataset.rows) frames are blank, the first at step \(first)")
    }

    /// Every demonstration must have the keys of the first one.
    private mutating func checkPresence(of keys: ObservationKeys, name: String, location: String) {
        let present = keys.all
        guard let required = requiredKeys else {
            requiredKeys = (name, present)
            if present.isEmpty { add(.error, location, "no observation keys") }
            return
        }
        let missing = required.keys.filter { !present.contains($0) }
        if !missing.isEmpty {
            add(.error, location, "without \(RobomimicLayout.list(missing)), which \(required.demonstration) has")
        }
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
}
