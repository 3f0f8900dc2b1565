import Plots

extension TaskSuccess {
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(PolicyRow.self), distances = try source.rows(DistanceRow.self)
        guard let main = rows.first?.demonstrations else { return [] }
        return [success(rows.filter { $0.demonstrations == main }, source), sizes(rows, source), distance(distances, source)].compactMap { $0 }
    }

    /// Every policy, the most successful first.
    private func success(_ rows: [PolicyRow], _ source: any FigureSource) -> Plot {
        let sorted = rows.sorted { ($0.success.value ?? 0) > ($1.success.value ?? 0) }
        let names = source.categories(sorted.map(\.policy))
        let categories = zip(sorted, names).map { Plot.Category($0.policy, "\($1.label) (\($0.letters))", mark: $1.mark) }
        return Plot(
            name: "p19_success", title: "Success in closed loop; policies with a letter in common do not differ",
            xLabel: "policy", yLabel: "share of starts", kind: .intervals(categories: categories),
            series: [
                Plot.Series("success", sorted.enumerated().compactMap { $1.success.point(x: Double($0)) }),
                Plot.Series("mean progress", isControl: true, sorted.enumerated().compactMap { $1.progress.point(x: Double($0)) }),
            ], yRange: 0...1.02)
    }

    private func sizes(_ rows: [PolicyRow], _ source: any FigureSource) -> Plot? {
        let several = Dictionary(grouping: rows, by: \.policy).filter { Set($0.value.map(\.demonstrations)).count > 1 }
        let policies = source.policies.filter { several[$0.name] != nil }
        guard !policies.isEmpty else { return nil }
        return Plot(
            name: "p19_success_by_size", title: "Success against the number of demonstrations", xLabel: "training demonstrations",
            yLabel: "share of starts", kind: .curves,
            series: policies.map { policy in
                Plot.Series(
                    policy,
                    (several[policy.name] ?? []).points(x: { Double($0.demonstrations) }, y: \.success).sorted { $0.x < $1.x })
            }, isLogarithmicX: true, yRange: 0...1.02)
    }

    private func distance(_ rows: [DistanceRow], _ source: any FigureSource) -> Plot? {
        let policies = source.policies([.sampler, .table, .standIn, .pixels, .expert], in: rows.map(\.policy))
        guard !policies.isEmpty else { return nil }
        return Plot(
            name: "p19_success_by_distance", title: "Success against the distance to the nearest training start",
            xLabel: "distance of the object's position at the start (m)", yLabel: "share of starts", kind: .curves,
            series: policies.map { policy in
                Plot.Series(policy, rows.filter { $0.policy == policy.name }.points(x: \.distance, y: \.success))
            }, yRange: 0...1.02)
    }
}
