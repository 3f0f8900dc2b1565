import Basics
import Foundation

/// Tables and queries that try to mislead a search with quantised rows.
struct RowsCase: Sendable, CustomStringConvertible {
    let description: String
    let width: Int
    let make: @Sendable () -> (rows: [Float], queries: [[Float]])

    private init(_ description: String, width: Int, _ make: @escaping @Sendable (Int, inout RandomSource) -> ([Float], [[Float]])) {
        self.description = description
        self.width = width
        self.make = {
            var source = RandomSource(Seed(40) / description)
            return make(width, &source)
        }
    }

    static let all: [RowsCase] = [
        RowsCase("random unit rows", width: 128) { width, source in
            let rows = unitRows(3000, width: width, &source)
            return (rows, split(unitRows(3, width: width, &source), width) + [Array(rows[0..<width])])
        },
        RowsCase("an odd width and fewer rows than a block", width: 19) { width, source in
            (unitRows(37, width: width, &source), split(unitRows(3, width: width, &source), width))
        },
        RowsCase("rows of one value", width: 1) { width, source in
            ((0..<200).map { _ in Float(source.normal()) }, [[1], [-1]])
        },
        RowsCase("a wide table, whose query has few levels", width: 5000) { width, source in
            (unitRows(100, width: width, &source), split(unitRows(2, width: width, &source), width))
        },
        RowsCase("near ties: one row and the last bits of its values", width: 128) { width, source in
            let row = unitRows(1, width: width, &source)
            var rows: [Float] = []
            for _ in 0..<1000 { rows += row.map { $0 * (1 + Float(source.index(below: 5)) * 0x1p-23) } }
            return (rows, [row, row.map { -$0 }])
        },
        RowsCase("duplicates", width: 64) { width, source in
            let three = unitRows(3, width: width, &source)
            let rows = (0..<600).flatMap { three[($0 % 3) * width..<($0 % 3 + 1) * width] }
            return (rows, split(three, width))
        },
        RowsCase("products that rise with the row", width: 32) { width, source in
            let direction = unitRows(1, width: width, &source)
            return ((0..<2000).flatMap { row in direction.map { $0 * Float(row) / 2000 } }, [direction, direction.map { -$0 }])
        },
        RowsCase("zero rows among negative products", width: 16) { width, source in
            let row = unitRows(1, width: width, &source)
            return ((0..<200).flatMap { $0 % 3 == 0 ? [Float](repeating: 0, count: width) : row.map { -$0 } }, [row])
        },
        RowsCase("zero, tiny and huge queries", width: 128) { width, source in
            let query = unitRows(1, width: width, &source)
            let scales: [Float] = [0, 0x1p-140, 0x1p-80, 0x1p-50, 0x1p50, 0x1p80, 0x1p125]
            return (unitRows(500, width: width, &source), scales.map { scale in query.map { $0 * scale } })
        },
        RowsCase("rows from 2^-140 to 2^120", width: 24) { width, source in
            var rows = unitRows(2000, width: width, &source)
            for row in 0..<2000 {
                let exponent = Float(source.index(below: 260)) - 140
                for i in 0..<width { rows[row * width + i] *= Foundation.exp2(exponent) }
            }
            return (rows, split(unitRows(3, width: width, &source), width))
        },
        RowsCase("values of one row from 2^-60 to 2^60", width: 40) { width, source in
            func value(_ source: inout RandomSource) -> Float {
                Float(source.normal()) * Foundation.exp2(Float(source.index(below: 120)) - 60)
            }
            return ((0..<300 * width).map { _ in value(&source) }, (0..<3).map { _ in (0..<width).map { _ in value(&source) } })
        },
        RowsCase("subnormal rows", width: 20) { width, source in
            let rows = (0..<300 * width).map { _ in Float(source.index(below: 9)) * 0x1p-149 }
            return (rows, [unitRows(1, width: width, &source), unitRows(1, width: width, &source).map { $0 * 0x1p59 }])
        },
        RowsCase("NaN and infinity in rows and queries", width: 16) { width, source in
            var rows = unitRows(400, width: width, &source)
            for (place, value) in [Float.nan, .infinity, -.infinity].enumerated() {
                for row in stride(from: place, to: 400, by: 7) { rows[row * width + 3] = value }
            }
            var queries = split(unitRows(4, width: width, &source), width)
            queries[1][2] = .nan
            queries[2][2] = .infinity
            queries[3][3] = 0
            return (rows, queries)
        },
        RowsCase("nothing but NaN", width: 8) { width, source in
            ([Float](repeating: .nan, count: 200 * width), [unitRows(1, width: width, &source)])
        },
    ]

    static func unitRows(_ count: Int, width: Int, _ source: inout RandomSource) -> [Float] {
        var rows = (0..<count * width).map { _ in Float(source.normal()) }
        for row in 0..<count {
            let range = row * width..<(row + 1) * width
            let length = rows[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
            for i in range { rows[i] /= length }
        }
        return rows
    }

    private static func split(_ rows: [Float], _ width: Int) -> [[Float]] {
        stride(from: 0, to: rows.count, by: width).map { Array(rows[$0..<$0 + width]) }
    }
}
