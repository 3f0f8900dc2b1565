import Basics

extension SafetensorsIndex {
    /// Compares the tensors that a network needs with those of the file, both ways, without reading them: before any memory is
    /// taken.
    /// - Parameters:
    ///   - needed: names and shapes
    ///   - others: names that may stand beside them
    ///   - stored: the file's own names by those that `needed` has, where they differ; of every tensor of the file
    /// - Throws: `Failure` (`data`) naming the first tensor that is missing, has another shape or type, or belongs to nothing.
    public func check(
        _ needed: [(name: String, shape: [Int])], others: Set<String>, stored: [String: String]? = nil, remedy: String
    ) throws {
        func own(_ name: String) -> String { stored?[name] ?? name }
        let all = others.union(needed.map(\.name))
        let strangers = (stored.map { Array($0.keys) } ?? names).filter { !all.contains($0) }.sorted()
        for tensor in needed {
            let location = "\(path), tensor \(tensor.name)"
            guard let shape = shape(own(tensor.name)) else {
                throw Failure(
                    .data, "a tensor is missing", at: location, expected: "shape \(tensor.shape)",
                    found: "none of this name, and of those that belong to nothing \(Self.nearest(tensor.name, strangers))", remedy: remedy)
            }
            guard shape == tensor.shape else {
                throw Failure(.data, "a tensor has another shape", at: location, expected: "\(tensor.shape)", found: "\(shape)", remedy: remedy)
            }
            guard isFloat(own(tensor.name)) else {
                throw Failure(.data, "a tensor is of another type", at: location, expected: "floats", found: "integers", remedy: remedy)
            }
        }
        guard let stranger = strangers.first else { return }
        throw Failure(
            .data, "a tensor belongs to nothing in the description", at: "\(path), tensor \(stranger)",
            expected: "the \(needed.count) tensors of the described network", found: "shape \(shape(own(stranger)) ?? [])", remedy: remedy)
    }

    /// What a missing tensor may be called. Files of other networks have hundreds of names, all of which are compared once.
    private static func nearest(_ name: String, _ strangers: [String]) -> String {
        NearestName.of(name, among: strangers).map { "the nearest is \($0)" } ?? "there is none"
    }
}
