import Basics

extension ProbeContext {
    static func validate(train: Chunks, reference: Chunks?, query: Chunks?, generated: [GeneratedChunks]) throws {
        func check(_ chunks: Chunks, _ owner: String) throws {
            try chunks.validate(as: owner, horizon: train.horizon, actionDimension: train.actionDimension)
        }
        var owners: [Int: String] = [:]
        for (chunks, owner) in [(train, "train"), (reference, "reference"), (query, "query")] {
            guard let chunks else { continue }
            try check(chunks, owner)
            for demonstration in chunks.demonstrations {
                guard let other = owners.updateValue(owner, forKey: demonstration) else { continue }
                throw Failure(
                    .data, "a demonstration is in two splits", at: "demonstration \(demonstration)",
                    expected: "train, reference and query without a demonstration in common",
                    found: "it is in \(other) and in \(owner)", remedy: "split by demonstration, not by frame")
            }
        }
        guard train.demonstrations.count > 1 else {
            throw Failure(
                .data, "distances to another demonstration need another demonstration", at: "train",
                expected: "at least 2 training demonstrations", found: "\(train.demonstrations.count)",
                remedy: "train on more demonstrations (data.split.train)")
        }
        var seen: Set<String> = []
        for generated in generated {
            try check(generated.chunks, generated.location)
            if let truth = generated.truth { try check(truth, "true sequences of \(generated.location)") }
            if let wrong = generated.match.firstIndex(where: {
                $0.map { $0.trainChunk >= train.count || $0.trainChunk < 0 } ?? false
            }
            ) {
                throw Failure(
                    .data, "a match names a training sequence that does not exist",
                    at: "\(generated.location), row \(wrong)",
                    expected: "a row in 0 ..< \(train.count)",
                    found: generated.match[wrong].map { "\($0.trainChunk)" },
                    remedy: "build the lookup table from the training sequences, in their order")
            }
            guard seen.insert(generated.location).inserted else {
                throw Failure(
                    .data, "one policy was given twice under one condition", at: generated.location,
                    expected: "one set of sequences", found: "two", remedy: "give the two conditions different names")
            }
        }
    }

    static func validate(_ space: ObservationSpace, train: Chunks, generated: [GeneratedChunks]) throws {
        func check(_ values: [Float], rows: Int, _ owner: String) throws {
            guard values.count == rows * space.width else {
                throw Failure(
                    .data, "features and observations differ in number", at: "space \(space.name), \(owner)",
                    expected: "\(rows) rows, one per observation", found: "\(values.count / space.width)",
                    remedy: "compute features at the frames where the sequences start")
            }
            if let position = values.firstIndex(where: { !$0.isFinite }) {
                throw Failure(
                    .data, "a feature is not finite", at: "space \(space.name), \(owner), row \(position / space.width)",
                    expected: "finite numbers", found: "\(values[position])", remedy: "check the training of the encoder")
            }
        }
        try check(space.train, rows: train.count, "train windows")
        for (condition, values) in space.conditions.sorted(by: { $0.key.name < $1.key.name }) {
            let asked = generated.filter { $0.condition == condition }.compactMap { $0.observation.max() }.max()
            try check(values, rows: asked.map { $0 + 1 } ?? values.count / space.width, "condition \(condition)")
        }
    }
}
