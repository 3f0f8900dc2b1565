/// C [rows, columns] (+)= A [rows, inner] · B [inner, columns], all dense, for a B that is an activation: packed in every
/// run rather than once per step as `Weights` are.
struct DenseProduct: Sendable {
    /// How B lies packed.
    let panels: Panels
    private let product: PanelProduct

    init(rows: Int, inner: Int, columns: Int) {
        panels = Panels(rows: inner, columns: columns)
        let starts = 0..<rows
        product = PanelProduct(groups: [
            .init(
                segments: [.init(a: 0, b: 0, length: inner)], a: starts.map { Int32($0 * inner) },
                c: starts.map { Int32($0 * columns) })
        ])
    }

    /// Packs B [inner, columns] to `panels.count` floats.
    func pack(_ b: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        for panel in 0..<panels.panelCount { panels.pack(panel, into: packed) { b + $0 * panels.columns } }
    }

    /// Packs B given transposed, [columns, inner].
    func packTransposed(_ b: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        for panel in 0..<panels.panelCount { panels.packTransposed(panel, into: packed, b) }
    }

    /// - Parameter packed: B as `pack` left it
    func run(
        _ a: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, adding: Bool = false
    ) {
        product.run(a, packed, panels, range: 0..<panels.panelCount, into: c, adding: adding)
    }
}
