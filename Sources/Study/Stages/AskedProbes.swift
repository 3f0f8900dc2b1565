import Basics
import Probes

/// Which probes a study asks, and why it does not ask the others. One that cannot answer ends no study.
struct AskedProbes {
    /// By the names of those that are not asked.
    private(set) var reasons: [String: String] = [:]
    /// Those that `probes.names` leaves out.
    private let unnamed: Set<String>

    /// What settings and demonstrations alone say.
    init(_ study: Study, _ inputs: ProbeInputs, _ data: DataSummary) throws {
        let names = Set(study.settings.probes.names)
        unnamed = Set(AllProbes.all.map(\.name)).subtracting(names)
        for probe in AllProbes.all {
            reasons[probe.name] =
                names.contains(probe.name)
                ? try Need.allCases.filter(probe.needs.contains).compactMap(inputs.reasonWithout).first
                    ?? probe.reasonNotToAsk(data)
                : "not in probes.names"
        }
    }

    var probes: [any Probe] { AllProbes.all.filter { reasons[$0.name] == nil } }

    /// One line for every probe of `probes.names` that is not asked: "p05 will not be asked: why".
    func lines(_ verb: String) -> [String] {
        AllProbes.all.compactMap { probe in
            guard !unnamed.contains(probe.name), let reason = reasons[probe.name] else { return nil }
            return "\(probe.name) \(verb) asked: \(reason)"
        }
    }

    /// One line for all probes that `probes.names` leaves out; nil where it names all.
    var unnamedLine: String? {
        let left = AllProbes.all.filter { unnamed.contains($0.name) }.map { "\($0.name) (\($0.title))" }
        return left.isEmpty ? nil : "not asked, since probes.names does not hold them: \(left.joined(separator: ", "))"
    }

    /// The result of a probe; nil for one that finds that the data cannot answer.
    /// - Throws: Every other error.
    mutating func result(of probe: any Probe, _ obtain: () throws -> ProbeResult) throws -> ProbeResult? {
        do {
            return try obtain()
        } catch let unanswered as Unanswered {
            let failure = unanswered.failure
            let details = [failure.location.map { "at \($0)" }, failure.found.map { "found \($0)" }].compactMap { $0 }
            reasons[probe.name] = ([failure.what] + details).joined(separator: ", ")
            return nil
        }
    }

    /// Removes what earlier data gave the probes that are not asked now, so that nothing of it is drawn.
    /// - Parameter folder: of the probes' tables.
    func removeTables(in folder: String) throws {
        guard FileSystem.exists(folder) else { return }
        for file in try FileSystem.list(folder) where AllProbes.all.contains(where: { reasons[$0.name] != nil && file.hasPrefix("\($0.name)_") }) {
            try FileSystem.remove("\(folder)/\(file)")
        }
    }

    /// `probes.csv`.
    var table: Table {
        Table(AllProbes.all.map { Row(probe: $0.name, title: $0.title, isAsked: reasons[$0.name] == nil, reason: reasons[$0.name]) })
    }

    private struct Row: Record {
        var probe = "", title = ""
        var isAsked = false
        var reason: String?

        static var columns: [Column<Row>] {
            [
                Column("probe", \.probe), Column("title", \.title), Column("asked", \.isAsked), Column("reason", \.reason),
            ]
        }
    }
}
