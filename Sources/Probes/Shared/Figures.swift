import Basics
import Plots

/// From rows of a table to what is drawn.
extension Array {
    /// A point a row, at a number of the row.
    func points(x: (Element) -> Double, y: (Element) -> Estimate) -> [Plot.Point] {
        compactMap { row in y(row).point(x: x(row)) }
    }

    /// A point a row, at the place of its text among the categories; rows of other categories are left out.
    func points(along categories: [String], by text: (Element) -> String, y: (Element) -> Estimate) -> [Plot.Point] {
        compactMap { row in categories.firstIndex(of: text(row)).flatMap { y(row).point(x: Double($0)) } }
    }
}

extension Estimate {
    /// Nil without a value.
    func point(x: Double) -> Plot.Point? {
        value.flatMap { $0.isFinite && x.isFinite ? Plot.Point(x: x, y: $0, low: low, high: high) : nil }
    }

    /// The value without its interval.
    var alone: Estimate { Estimate(value: value) }
}

extension Plot.Series {
    /// A value, with its interval, across the whole width of every category.
    static func level(_ name: String, _ estimate: Estimate, categories: Int, mark: Plot.Mark = .truth) -> Plot.Series {
        Plot.Series(
            name, isControl: true, mark: mark, form: .level, (0..<categories).compactMap { estimate.point(x: Double($0)) })
    }

    /// One policy's points under the mark that it has in every figure.
    init(_ policy: PolicyID, _ points: [Plot.Point]) {
        self.init(policy.name, label: policy.label, isControl: policy.role.isControl, mark: policy.role.mark, points)
    }
}

extension FigureSource {
    /// Places of an axis along which policies stand; a name that no policy has, such as a family's, stands as it is.
    func categories(_ policies: [String]) -> [Plot.Category] {
        policies.map { name in self.policies.first { $0.name == name }.map { Plot.Category($0) } ?? Plot.Category(name) }
    }

    /// An endpoint of `summary.csv`: conditions along x, a series a policy, held-out truth in grey; nil where there is nothing
    /// to draw.
    /// - Parameter floor: Held-out truth with its interval; without it the rows' control value stands alone.
    func endpointFigure(
        _ endpoint: Endpoint, title: String, unit: String, floor: Estimate? = nil, null: Plot.Reference? = nil,
        yRange: ClosedRange<Double>? = nil
    ) throws -> Plot? {
        let all = try rows(SummaryRecord.self).filter { $0.endpoint == endpoint.key }
        let policies = policies(PolicyRole.drawn, in: all.map(\.policy)), names = Set(policies.map(\.name))
        let conditions = all.filter { names.contains($0.policy) }.distinct(\.condition), categories = conditions.map(\.name)
        var series = policies.map { policy in
            Plot.Series(
                policy,
                all.filter { $0.policy == policy.name }.points(along: categories, by: \.condition.name, y: \.estimate))
        }
        guard !series.isEmpty else { return nil }
        if let row = all.first(where: { $0.control == Control.heldout.name }), row.controlValue != nil {
            let value = Estimate(value: row.controlValue, low: floor?.low, high: floor?.high)
            series.append(.level("held-out truth", value, categories: categories.count))
        }
        return Plot(
            name: endpoint.key, title: title, xLabel: "condition", yLabel: unit, kind: .intervals(categories: conditions.map { Plot.Category($0) }),
            series: series, references: null.map { [$0] } ?? [], yRange: yRange)
    }
}
