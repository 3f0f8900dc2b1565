/// Lists of cases to choose from by name.
enum ProductFamily: String, Sendable, CaseIterable {
    case sequences, transposed, linear, images, winograd

    var cases: [ProductCase] {
        switch self {
        case .sequences: ProductCase.sequences
        case .transposed: ProductCase.transposed
        case .linear: ProductCase.linear
        case .images: ProductCase.images
        case .winograd: ProductCase.winograd
        }
    }
}

/// Shapes that together take every path through the product kernels: one register of columns, two, and parts of them;
/// four rows, eight, and what is left; batches from eight on, whose sequences have no border.
extension ProductCase {
    /// Inputs and outputs of a layer.
    private static let channels = [
        (1, 33), (3, 16), (7, 31), (15, 1), (16, 17), (17, 7), (31, 48), (32, 3), (33, 15), (48, 32), (64, 64), (1, 1),
    ]

    /// Every kernel, stride, batch and length, with channels in turn.
    static let sequences: [ProductCase] = {
        var result: [ProductCase] = [], next = 0
        for kernel in [1, 3, 5, 7] {
            for stride in [1, 2] {
                for batch in [1, 3, 7, 8, 9, 64] {
                    for length in [4, 5, 8, 16] {
                        // A case is small enough that all of them together take about a second.
                        var row: ProductCase
                        repeat {
                            let (inputs, outputs) = channels[next % channels.count]
                            next += 1
                            row = ProductCase(
                                input: [batch, length, inputs], outputs: outputs, kernel: kernel, stride: stride,
                                padding: kernel / 2)
                        } while row.multiplications > 2_000_000
                        result.append(row)
                    }
                }
            }
        }
        return result
    }()

    static let transposed: [ProductCase] = [1, 3, 7, 8, 9, 64].flatMap { batch in
        [4, 5, 8].flatMap { length in
            [(1, 3), (16, 17), (33, 31), (7, 48)].flatMap { inputs, outputs in
                [(4, 2, 1), (3, 1, 1), (2, 2, 0)].map { kernel, stride, padding in
                    ProductCase(
                        kind: .transposed, input: [batch, length, inputs], outputs: batch == 64 ? min(outputs, 17) : outputs,
                        kernel: kernel, stride: stride, padding: padding)
                }
            }
        }
    }

    static let linear: [ProductCase] =
        [1, 3, 7, 8, 9, 64].flatMap { rows in
            [(1, 1), (3, 64), (15, 33), (16, 32), (31, 17), (402, 48)].map { inputs, outputs in
                ProductCase(kind: .linear, input: [rows, inputs], outputs: outputs)
            }
        } + [ProductCase(kind: .linear, input: [2, 64], outputs: 402)]

    /// The layers of the compact image encoder, and extents and channels that fill no register.
    static let images: [ProductCase] = [
        ProductCase(input: [1, 76, 76, 3], outputs: 16, kernel: 5, stride: 2, padding: 2),
        ProductCase(input: [1, 38, 38, 16], outputs: 32, kernel: 3, stride: 2, padding: 1),
        ProductCase(input: [1, 19, 19, 32], outputs: 64, kernel: 3, stride: 2, padding: 1),
        ProductCase(input: [1, 38, 38, 16], outputs: 32, stride: 2),
        ProductCase(input: [1, 19, 19, 32], outputs: 64, stride: 2),
        ProductCase(input: [1, 10, 10, 64], outputs: 32),
        ProductCase(input: [1, 10, 10, 64], outputs: 64, kernel: 3, padding: 1, packing: .products),
        ProductCase(input: [2, 7, 5, 3], outputs: 33, kernel: 7, stride: 2, padding: 3),
        ProductCase(input: [3, 5, 6, 17], outputs: 15, kernel: 3, padding: 1),
        ProductCase(input: [9, 4, 3, 1], outputs: 1, kernel: 3, stride: 2, padding: 1),
        ProductCase(input: [8, 1, 9, 7], outputs: 31, kernel: 3, padding: 1),
        ProductCase(input: [1, 6, 5, 33], outputs: 48, kernel: 5, padding: 0),
    ]

    static let winograd: [ProductCase] =
        [
            ProductCase(input: [1, 38, 38, 16], outputs: 16, kernel: 3, padding: 1),
            ProductCase(input: [1, 19, 19, 32], outputs: 32, kernel: 3, padding: 1),
            ProductCase(input: [1, 10, 10, 64], outputs: 64, kernel: 3, padding: 1),
        ]
        + [(1, 1), (1, 2), (2, 1), (2, 3), (3, 3), (3, 1), (4, 4), (5, 8), (6, 5), (9, 40)].flatMap { height, width in
            [(16, 16), (32, 16), (16, 48)].map { inputs, outputs in
                ProductCase(input: [2, height, width, inputs], outputs: outputs, kernel: 3, padding: 1)
            }
        }
}
