import Images
import Plots

extension PictureTiles {
    /// Pictures row after row, each fitted into a square, with white between them.
    /// - Parameters:
    ///   - gap: between rows, as a share of a picture's side; between columns it is `columnGap`.
    /// - Throws: `Failure` when libpng cannot encode them.
    init(_ rows: [[RGBImage]], side: Int = 96, columnGap: Double = 0, rowGap: Double = 0) throws {
        let columns = rows.map(\.count).max() ?? 0, right = Int(columnGap * Double(side)), below = Int(rowGap * Double(side))
        var sheet = RGBImage(
            width: max(1, columns * (side + right) - right), height: max(1, rows.count * (side + below) - below), color: .white)
        for (row, pictures) in rows.enumerated() {
            for (column, picture) in pictures.enumerated() {
                sheet.paste(picture.fitted(width: side, height: side), x: column * (side + right), y: row * (side + below))
            }
        }
        self.init(png: try sheet.pngData(), width: sheet.width, height: sheet.height, columns: columns, rows: rows.count)
    }
}
