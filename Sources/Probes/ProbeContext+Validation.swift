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
            if let truth = generated.truth { try check(truth, "true chunks of \(generated.location)") }
            if let wrong = generated.match.firstIndex(where: {
                $0.map { $0.trainChunk >= train.count || $0.trainChunk < 0 } ?? false
            }
            ) {
                throw Failure(
                    .data, "a match names a training chunk that does not exist",
                    at: "\(generated.location), row \(wrong)",
                    expected: "a row in 0 ..< \(train.count)",
                    found: generated.match[wrong].map { "\($0.trainChunk)" },
                    remedy: "build the lookup table from the training chunks, in their order")
            }
            guard seen.insert(generated.location).inserted else {
                throw Failure(
                    .data, "one policy was given twice under one condition", at: generated.location,
                    expected: "one set of chunks", found: "two", remedy: "give the two conditions different names")
            }
        }
    }

    static func validate(_ features: ObservationFeatures?, beside chunks: Chunks?, as owner: String) throws {
        guard let features else { return }
        guard features.count == chunks?.count else {
            throw Failure(
                .data, "features and chunks differ in number", at: owner,
                expected: "\(chunks?.count ?? 0) rows, one per chunk", found: "\(features.count)",
                remedy: "compute features at the frames where the chunks start")
        }
        if let position = features.values.firstIndex(where: { !$0.isFinite }) {
            throw Failure(
                .diverged, "a feature is not finite", at: "\(owner), row \(position / features.width)",
                expected: "finite numbers", found: "\(features.values[position])",
                remedy: "check the training of the encoder \(features.name)")
        }
    }
}
