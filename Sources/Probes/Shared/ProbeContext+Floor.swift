import Basics

extension ProbeContext {
    /// The true chunks of Q, measured against train and reference: what the DCR share is held against.
    /// - Throws: `Failure` without reference or query demonstrations.
    func requireFloor(_ probe: String) throws -> EvaluatedChunks {
        guard reference != nil, let heldout else {
            throw Failure(
                .data, "the DCR share needs three splits", at: "probe \(probe)",
                expected: "train, reference and query demonstrations",
                found: "no \(reference == nil ? "reference" : "query") demonstrations",
                remedy: "lower data.split.train and data.split.reference so that some demonstrations are left for each")
        }
        return heldout
    }

    /// The failure of a probe whose measurement is absent.
    static func nothing(_ probe: String, at place: String, expected: String, remedy: String) -> Failure {
        Failure(
            .data, "probe \(probe) has nothing to measure", at: place, expected: expected, found: "none",
            remedy: "\(remedy), or leave \(probe) out of the list of probes")
    }
}
