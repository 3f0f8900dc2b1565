/// A straight line through points by least squares.
enum LeastSquares {
    /// The slope of y on x; NaN where x does not vary or a value is not finite.
    static func slope(_ x: [Double], _ y: [Double]) -> Double {
        precondition(x.count == y.count, "\(x.count) abscissae for \(y.count) ordinates")
        let meanX = x.reduce(0, +) / Double(x.count)
        let meanY = y.reduce(0, +) / Double(y.count)
        var products = 0.0
        var squares = 0.0
        for (x, y) in zip(x, y) {
            products += (x - meanX) * (y - meanY)
            squares += (x - meanX) * (x - meanX)
        }
        return products / squares
    }
}
