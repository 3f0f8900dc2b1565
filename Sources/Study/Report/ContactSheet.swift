import Images

/// Rows of query images, the training images a policy recalled, and both action sequences overlaid per dimension.
public struct ContactSheet: Sendable {
    public struct Row: Sendable {
        /// Short lines beside the images: condition, policy, matched demonstration and frame, distance.
        public var labels: [String]
        /// One per camera.
        public var query: [RGBImage]
        /// One per camera, in the same order.
        public var recalled: [RGBImage]
        /// Normalised actions.
        public var generated: [Float]  // [H, A]
        public var nearest: [Float]  // [H, A]

        public init(labels: [String], query: [RGBImage], recalled: [RGBImage], generated: [Float], nearest: [Float]) {
            self.labels = labels
            self.query = query
            self.recalled = recalled
            self.generated = generated
            self.nearest = nearest
        }
    }

    public var title: String
    public var actionDimension: Int
    /// Above each panel; empty for numbers.
    public var actionNames: [String]
    public var rows: [Row]

    public init(title: String, actionDimension: Int, actionNames: [String] = [], rows: [Row]) {
        for row in rows {
            precondition(
                row.generated.count == row.nearest.count && row.generated.count % actionDimension == 0,
                "sequences of \(row.generated.count) and \(row.nearest.count) values for \(actionDimension) dimensions")
        }
        self.title = title
        self.actionDimension = actionDimension
        self.actionNames = actionNames
        self.rows = rows
    }

    private static let tile = 132, gap = 8, labelWidth = 168, panelWidth = 92, header = 52

    /// The whole sheet.
    public func draw() -> RGBImage {
        let queries = rows.map(\.query.count).max() ?? 0, recalls = rows.map(\.recalled.count).max() ?? 0
        let recalledLeft = Self.labelWidth + queries * (Self.tile + Self.gap) + Self.gap
        let panelsLeft = recalledLeft + recalls * (Self.tile + Self.gap) + Self.gap
        let width = panelsLeft + actionDimension * (Self.panelWidth + Self.gap) + Self.gap
        let height = Self.header + rows.count * (Self.tile + 2 * Self.gap)
        var sheet = RGBImage(width: width, height: height, color: .white)
        sheet.drawText(title, x: Self.gap, y: Self.gap, color: .black, scale: 2)
        let below = Self.header - 16
        sheet.drawText("query", x: Self.labelWidth, y: below, color: .black)
        sheet.drawText("recalled from training", x: recalledLeft, y: below, color: ActionPanel.nearestColour)
        drawKey(on: &sheet, right: width - Self.gap, y: Self.gap + 4)
        for dimension in 0..<actionDimension {
            let name = dimension < actionNames.count ? actionNames[dimension] : "action \(dimension)"
            sheet.drawText(name, x: panelsLeft + dimension * (Self.panelWidth + Self.gap), y: below, color: .black)
        }
        for (i, row) in rows.enumerated() {
            let top = Self.header + i * (Self.tile + 2 * Self.gap)
            sheet.fillRectangle(x: 0, y: top - Self.gap, width: width, height: 1, color: RGBColor(220, 220, 220))
            for (line, text) in row.labels.enumerated() {
                sheet.drawText(text, x: Self.gap, y: top + line * 12, color: .black)
            }
            paste(row.query, on: &sheet, x: Self.labelWidth, y: top)
            paste(row.recalled, on: &sheet, x: recalledLeft, y: top)
            for dimension in 0..<actionDimension {
                ActionPanel(
                    generated: stride(from: dimension, to: row.generated.count, by: actionDimension).map { row.generated[$0] },
                    nearest: stride(from: dimension, to: row.nearest.count, by: actionDimension).map { row.nearest[$0] }
                ).draw(
                    on: &sheet, x: panelsLeft + dimension * (Self.panelWidth + Self.gap), y: top, width: Self.panelWidth,
                    height: Self.tile)
            }
        }
        return sheet
    }

    private func paste(_ images: [RGBImage], on sheet: inout RGBImage, x: Int, y: Int) {
        for (i, image) in images.enumerated() {
            let tile = image.fitted(width: Self.tile, height: Self.tile)
            sheet.paste(tile, x: x + i * (Self.tile + Self.gap), y: y)
        }
    }

    /// Which line is which.
    private func drawKey(on sheet: inout RGBImage, right: Int, y: Int) {
        var x = right
        for (text, colour) in [("nearest training sequence", ActionPanel.nearestColour), ("generated", ActionPanel.generatedColour)] {
            x -= BitmapFont.width(of: text)
            sheet.drawText(text, x: x, y: y, color: colour)
            sheet.drawLine(from: (x - 22, y + 3), to: (x - 6, y + 3), color: colour, thickness: 3)
            x -= 38
        }
    }
}
