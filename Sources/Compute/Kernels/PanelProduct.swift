import CVector

/// Products of gathered rows with a packed matrix: C[row] (+)= Σ over segments A[row + segment] · B, the one kernel
/// behind convolutions, their adjoints and linear layers.
///
/// A row of A is a few contiguous segments at fixed distances from its start (the rows of a kernel window over a
/// channels-last image), so that nothing is copied to patches first. B lies in panels, see `Panels`.
struct PanelProduct: Sendable {
    /// A contiguous stretch of a row of A and the rows of B it meets.
    struct Segment: Hashable, Sendable {
        /// Distance from the row's start, in floats.
        let a: Int
        /// First row of B.
        let b: Int
        /// Floats of A, rows of B.
        var length: Int
    }

    /// Rows of A with the same segments.
    final class Group: Sendable {
        let segments: [Segment]
        let count: Int
        /// Starts of the rows in A and in C, padded to whole fours by repeating the last.
        let a, c: [Int32]

        init(segments: [Segment], a: [Int32], c: [Int32]) {
            self.segments = segments
            count = a.count
            let padding = (4 - a.count % 4) % 4
            self.a = a + [Int32](repeating: a[a.count - 1], count: padding)
            self.c = c + [Int32](repeating: c[c.count - 1], count: padding)
        }
    }

    let groups: [Group]

    /// Multiplications and additions of a run.
    /// - Parameter columns: of B
    func flops(columns: Int) -> Int {
        2 * columns * groups.reduce(0) { $0 + $1.count * $1.segments.reduce(0) { $0 + $1.length } }
    }

    /// Multiplies for the panels of `range`; every element is summed in one order whatever the range is.
    /// - Parameters:
    ///   - bias: added to every row; nil for none
    ///   - adding: add to C rather than write it
    func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ panels: Panels, range: Range<Int>,
        into c: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>? = nil, adding: Bool = false
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 32) { spare in
            let spare = spare.baseAddress.unsafelyUnwrapped
            spare.initialize(repeating: 0, count: 32)
            for panel in range {
                let job = Job(
                    a: a, b: b + panels.offset(panel), c: c + panel * Panels.width, spare: spare,
                    bias: bias.map { $0 + panel * Panels.width },
                    columns: min(Panels.width, panels.columns - panel * Panels.width), adding: adding)
                for group in groups { job.run(group) }
            }
        }
    }

    /// One group of plain rows times all panels, written to C.
    static func run(
        _ group: Group, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ panels: Panels,
        into c: UnsafeMutablePointer<Float>
    ) {
        for panel in 0..<panels.panelCount {
            // Nothing is added, so a repeated row may be written again in its own place.
            Job(
                a: a, b: b + panels.offset(panel), c: c + panel * Panels.width, spare: nil, bias: nil,
                columns: min(Panels.width, panels.columns - panel * Panels.width), adding: false
            ).run(group)
        }
    }

    /// One panel's work.
    private struct Job {
        let a, b: UnsafePointer<Float>
        let c: UnsafeMutablePointer<Float>
        let spare: UnsafeMutablePointer<Float>?
        let bias: UnsafePointer<Float>?
        let columns: Int
        let adding: Bool

        func run(_ group: Group) {
            group.segments.withUnsafeBufferPointer { segments in
                group.a.withUnsafeBufferPointer { aRows in
                    group.c.withUnsafeBufferPointer { cRows in
                        guard let aRows = aRows.baseAddress, let cRows = cRows.baseAddress else { return }
                        guard hasWideTiles else {
                            for row in stride(from: 0, to: group.count, by: 4) {
                                fourNarrow(segments, aRows + row, cRows + row, valid: group.count - row)
                            }
                            return
                        }
                        var row = 0
                        while row + 4 < group.count {
                            columns > 16
                                ? eight(segments, aRows + row, cRows + row, valid: group.count - row)
                                : eightNarrow(segments, aRows + row, cRows + row, valid: group.count - row)
                            row += 8
                        }
                        if row < group.count {
                            columns > 16
                                ? four(segments, aRows + row, cRows + row, valid: group.count - row)
                                : fourNarrow(segments, aRows + row, cRows + row, valid: group.count - row)
                        }
                    }
                }
            }
        }

        @inline(__always) private var start0: Quad { bias.map { Quad(rows: .load($0)) } ?? Quad() }
        @inline(__always) private var start1: Quad { bias.map { Quad(rows: .load($0 + 16)) } ?? Quad() }

        /// 8 rows x 32 columns: 16 accumulators, as many as keep the multiply-add units busy.
        private func eight(
            _ segments: UnsafeBufferPointer<Segment>, _ aRows: UnsafePointer<Int32>, _ cRows: UnsafePointer<Int32>, valid: Int
        ) {
            let top = FourRows(a, aRows), bottom = FourRows(a, aRows + 4)
            var top0 = start0, top1 = start1, bottom0 = start0, bottom1 = start1
            for segment in segments {
                var b = b + segment.b * 32
                for k in segment.a..<segment.a + segment.length {
                    alt_prefetch(b + Panels.ahead)
                    alt_prefetch(b + Panels.ahead + 16)
                    let b0 = Float16Lanes.load(b), b1 = Float16Lanes.load(b + 16)
                    top0.addProduct(top, k, b0)
                    top1.addProduct(top, k, b1)
                    bottom0.addProduct(bottom, k, b0)
                    bottom1.addProduct(bottom, k, b1)
                    b += 32
                }
            }
            let upper = FourMutableRows(c, cRows, valid: valid, spare: spare)
            let lower = FourMutableRows(c, cRows + 4, valid: valid - 4, spare: spare)
            top0.store(upper, column: 0, count: 16, adding: adding)
            top1.store(upper, column: 16, count: columns - 16, adding: adding)
            bottom0.store(lower, column: 0, count: 16, adding: adding)
            bottom1.store(lower, column: 16, count: columns - 16, adding: adding)
        }

        private func eightNarrow(
            _ segments: UnsafeBufferPointer<Segment>, _ aRows: UnsafePointer<Int32>, _ cRows: UnsafePointer<Int32>, valid: Int
        ) {
            let top = FourRows(a, aRows), bottom = FourRows(a, aRows + 4)
            var top0 = start0, bottom0 = start0
            for segment in segments {
                var b = b + segment.b * 16
                for k in segment.a..<segment.a + segment.length {
                    alt_prefetch(b + Panels.ahead)
                    let b0 = Float16Lanes.load(b)
                    top0.addProduct(top, k, b0)
                    bottom0.addProduct(bottom, k, b0)
                    b += 16
                }
            }
            top0.store(
                FourMutableRows(c, cRows, valid: valid, spare: spare), column: 0, count: columns, adding: adding)
            bottom0.store(
                FourMutableRows(c, cRows + 4, valid: valid - 4, spare: spare), column: 0, count: columns, adding: adding)
        }

        private func four(
            _ segments: UnsafeBufferPointer<Segment>, _ aRows: UnsafePointer<Int32>, _ cRows: UnsafePointer<Int32>, valid: Int
        ) {
            let top = FourRows(a, aRows)
            var top0 = start0, top1 = start1
            for segment in segments {
                var b = b + segment.b * 32
                for k in segment.a..<segment.a + segment.length {
                    alt_prefetch(b + Panels.ahead)
                    alt_prefetch(b + Panels.ahead + 16)
                    top0.addProduct(top, k, .load(b))
                    top1.addProduct(top, k, .load(b + 16))
                    b += 32
                }
            }
            let upper = FourMutableRows(c, cRows, valid: valid, spare: spare)
            top0.store(upper, column: 0, count: 16, adding: adding)
            top1.store(upper, column: 16, count: columns - 16, adding: adding)
        }

        private func fourNarrow(
            _ segments: UnsafeBufferPointer<Segment>, _ aRows: UnsafePointer<Int32>, _ cRows: UnsafePointer<Int32>, valid: Int
        ) {
            let top = FourRows(a, aRows)
            var top0 = start0
            for segment in segments {
                var b = b + segment.b * 16
                for k in segment.a..<segment.a + segment.length {
                    alt_prefetch(b + Panels.ahead)
                    top0.addProduct(top, k, .load(b))
                    b += 16
                }
            }
            top0.store(FourMutableRows(c, cRows, valid: valid, spare: spare), column: 0, count: columns, adding: adding)
        }
    }
}

/// The layout of a matrix B [rows, columns] packed for `PanelProduct`: panels as wide as a tile, 32 or 16 columns, each
/// [rows, 32] and contiguous, so that a product streams it; a last panel of 16 columns or fewer is 16 wide. Missing
/// columns are 0.
struct Panels: Sendable, Equatable {
    static var width: Int { hasWideTiles ? 32 : 16 }
    /// Floats that a product asks for before it reads them. The processor does so by itself, but only to the end of a page of 4 KiB:
    /// where few rows meet many weights, which then come from the third cache or memory, it would wait at each page.
    static let ahead = 1536
    let rows, columns: Int

    var panelCount: Int { (columns + Self.width - 1) / Self.width }
    /// Floats of the whole matrix.
    var count: Int { rows * ((columns + 15) / 16 * 16) }

    func offset(_ panel: Int) -> Int { panel * Self.width * rows }
    func width(_ panel: Int) -> Int { columns - panel * Self.width > 16 ? Self.width : 16 }

    /// Copies B into one panel.
    /// - Parameter row: where row r of B begins
    @inline(__always)
    func pack(_ panel: Int, into packed: UnsafeMutablePointer<Float>, row: (_ r: Int) -> UnsafePointer<Float>) {
        let first = panel * Self.width, width = width(panel), valid = min(width, columns - first)
        var target = packed + offset(panel)
        for r in 0..<rows {
            let source = row(r) + first
            for i in 0..<valid { target[i] = source[i] }
            for i in valid..<width { target[i] = 0 }
            target += width
        }
    }

    /// Copies B, given transposed [columns, rows], into one panel: sixteen rows at a time, so that the source is read
    /// in whole cache lines.
    func packTransposed(_ panel: Int, into packed: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>) {
        let first = panel * Self.width, width = width(panel), valid = min(width, columns - first)
        for row in stride(from: 0, to: rows, by: 16) {
            let count = min(16, rows - row), target = packed + offset(panel) + row * width
            for column in 0..<width {
                if column < valid {
                    let source = source + (first + column) * rows + row
                    for r in 0..<count { target[r * width + column] = source[r] }
                } else {
                    for r in 0..<count { target[r * width + column] = 0 }
                }
            }
        }
    }
}
