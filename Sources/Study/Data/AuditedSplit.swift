import Basics
import Configuration
import Demonstrations
import Foundation

/// How the demonstrations of an audit are divided: what the policy was trained on, and of the others a reference as large, if they
/// suffice, and the rest to ask about. Where they do not suffice, half of them are asked about, and what needs an equal reference is
/// not asked; where there are none, what needs an unseen demonstration is not asked either.
struct AuditedSplit {
    /// Names in the file.
    let trained: Set<String>
    /// All names.
    let all: [String]

    /// - Parameter trainedOn: a mask of the file, or names with commas between them
    /// - Throws: `Failure` when it is neither.
    init(_ trainedOn: String, in path: String, among all: [String]) throws {
        self.all = all
        let listed = trainedOn.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let known = Set(all)
        if listed.allSatisfy(known.contains) {
            trained = Set(listed)
        } else if listed.count > 1, let unknown = listed.first(where: { !known.contains($0) }) {
            throw Failure(
                .data, "audit.trained_on names a demonstration that the file does not have", at: path, found: unknown,
                remedy: Suggestion.sentence(for: unknown, among: all) ?? "correct the name")
        } else {
            trained = Set(try RobomimicFile.names(path, filterKey: trainedOn)).intersection(known)
        }
        guard trained.count >= 2 else {
            throw Failure(
                .data, "too few demonstrations that the policy was trained on", at: "\(path): \(trainedOn)",
                expected: "at least 2, since a second-nearest one is asked for", found: "\(trained.count)",
                remedy: "name the mask or the list of the demonstrations that it was trained on")
        }
    }

    /// Before the names of the demonstrations of `audit.reference`.
    static let prefix = "unseen/"

    /// The names of all demonstrations of an audit, of both files.
    static func names(_ settings: Settings) throws -> [String] {
        try RobomimicFile.names(settings.data.path, filterKey: settings.data.filterKey)
            + (settings.audit?.reference.map { try RobomimicFile.names($0).map { prefix + $0 } } ?? [])
    }

    /// Demonstrations that the policy has not seen.
    var unseen: Int { all.count - trained.count }

    /// Of them as a reference.
    var reference: Int { unseen > trained.count ? trained.count : unseen / 2 }

    /// Positions among all.
    func split(seed: Seed) -> DatasetSplit {
        var source = RandomSource(seed)
        let positions = all.indices.filter { !trained.contains(all[$0]) }
        let order = source.permutation(positions.count).map { positions[$0] }
        return DatasetSplit(
            train: all.indices.filter { trained.contains(all[$0]) }, reference: order[..<reference].sorted(), query: order[reference...].sorted())
    }

    /// What the division means for the audit, for the log and the claims; nil where nothing is lacking.
    var shortage: String? {
        if unseen == 0 {
            return """
                the policy was trained on every demonstration of the file: what it does at unseen observations cannot be asked, which leaves the fit, \
                pictures that are no observations, and the conflict of image and pose; --reference FILE adds unseen demonstrations of the task
                """
        }
        guard reference < trained.count else { return nil }
        return """
            \(unseen) demonstrations were not trained on, and the share of sequences nearer to training needs more than \(trained.count): as many \
            for reference, and some to ask about
            """
    }
}

/// The units of an audited policy's actions, in which sequences are compared.
struct AuditedActions: Sendable {
    /// Of actions alone.
    let normalizer: Normalizer
    /// Beyond this hardly an action that the policy was trained on can lie; nil where nothing is known.
    let limit: Float?

    /// A little above 1 where a range became [-1, 1].
    static let limitOfRange: Float = 1.05
}

extension DemonstrationSet {
    /// With the demonstrations of another file after its own.
    /// - Throws: `Failure` when it cannot be read or observes other shapes.
    func joined(withReference path: String, _ selection: DatasetSelection, workers: Int) throws -> DemonstrationSet {
        var selection = selection
        (selection.path, selection.filterKey, selection.limit) = (path, nil, nil)
        (selection.cameras, selection.lowDimKeys) = (cameras.map(\.key), lowDimKeys.map(\.key))
        let other = try RobomimicFile.load(selection, workers: workers)
        guard other.cameras == cameras, other.lowDimKeys == lowDimKeys, other.actionDimension == actionDimension else {
            func shown(_ set: DemonstrationSet) -> String {
                (set.cameras.map { "\($0.key) \($0.width) x \($0.height)" } + set.lowDimKeys.map { "\($0.key) [\($0.width)]" }).joined(separator: ", ")
                    + ", actions [\(set.actionDimension)]"
            }
            throw Failure(
                .data, "the unseen demonstrations have other shapes than those trained on", at: path, expected: shown(self), found: shown(other),
                remedy: "name a file of the same task and robot, rendered at the same size")
        }
        return joined(with: other, prefix: AuditedSplit.prefix)
    }
}
