/// Holm's step-down correction for several tests (Holm 1979): the family-wise error stays under alpha whatever the
/// dependence between them.
public enum Holm {
    /// Adjusted p values, in the order given: max over i ≤ j of min(1, (m - i) p_(i)), i counted from 0.
    public static func adjusted(_ p: [Double]) -> [Double] {
        precondition(p.allSatisfy { (0...1).contains($0) }, "p values \(p)")
        var adjusted = p
        var largest = 0.0
        for (place, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
            largest = max(largest, min(1, Double(p.count - place) * p[index]))
            adjusted[index] = largest
        }
        return adjusted
    }
}
