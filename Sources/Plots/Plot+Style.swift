import Foundation

extension Plot {
    /// How one thing looks in every figure: what a reader learns in one figure holds in the next.
    public struct Mark: Equatable, Sendable {
        /// As gnuplot takes it: "#0072B2".
        public let colour: String
        /// gnuplot's point type: 4 to 15 are square, circle, triangles, diamond and pentagon, open and filled by turns.
        public let point: Int
        /// gnuplot's dash type.
        public let dash: Int

        public init(_ colour: String, point: Int, dash: Int = 1) {
            self.colour = colour
            self.point = point
            self.dash = dash
        }

        /// The same colour with another shape and other dashes, for each number but 0.
        func variant(_ number: Int) -> Mark {
            number == 0 ? self : Mark(colour, point: 4 + (point - 4 + 3 * number) % 12, dash: 1 + (dash - 1 + number) % 5)
        }

        /// For series that are no policy, which have colours of their own: Tol's muted scheme, told apart with any colour vision,
        /// each with a shape of its own.
        public static let palette = [
            Mark("#222222", point: 7), Mark("#882255", point: 5, dash: 2), Mark("#44AA99", point: 13, dash: 4), Mark("#332288", point: 9, dash: 3),
            Mark("#999933", point: 15, dash: 5), Mark("#AA4499", point: 11, dash: 2), Mark("#117733", point: 12), Mark("#88CCEE", point: 14, dash: 4),
        ]

        /// Greys that shape and dashes tell apart, where the shades alone would not.
        public static let greys = [
            Mark("#4D4D4D", point: 4, dash: 2), Mark("#7F7F7F", point: 8, dash: 3), Mark("#A6A6A6", point: 6, dash: 4),
            Mark("#666666", point: 12, dash: 5), Mark("#999999", point: 10, dash: 2), Mark("#595959", point: 2, dash: 3),
        ]
    }
}

/// A figure's size on paper, in centimetres, and the terminals that draw it there: SVG and PDF at this size, PNG at 300 dots per inch.
struct PaperSize {
    /// Of a column and of a page of two columns, as most journals have them.
    static let column = 8.0, page = 17.0
    /// Of text, in points: small print that is legible at this size.
    static let textPoints = 7.0
    /// Of a character of such text on average, and of a line.
    static let character = 0.135, line = 0.34

    let width: Double
    let height: Double

    /// What a script does for each picture form, with the figure's own commands in `body`.
    /// - Parameter name: of the files, without extension.
    func script(_ name: String, body: String) -> String {
        func pixels(_ length: Double, _ perInch: Double) -> Int { Int((length / 2.54 * perInch).rounded()) }
        let svg = "\(pixels(width, 96)),\(pixels(height, 96))", png = "\(pixels(width, 300)),\(pixels(height, 300))"
        // The terminals count points differently; these factors make their text equally large.
        return """
            do for [picture in 'svg pdf png'] {
            if (picture eq 'svg') { set terminal svg size \(svg) font 'Helvetica,\(Self.shown(Self.textPoints * 96 / 72))' rounded linewidth 0.9 background 'white' noenhanced }
            if (picture eq 'pdf') { set terminal pdfcairo size \(Self.shown(width))cm,\(Self.shown(height))cm font 'Helvetica,\(Self.shown(Self.textPoints))' fontscale 0.75 rounded linewidth 0.9 pointscale 0.6 background 'white' noenhanced }
            if (picture eq 'png') { set terminal pngcairo size \(png) font 'Helvetica,\(Self.shown(Self.textPoints))' fontscale 3.1 rounded linewidth 2.8 pointscale 2.2 background 'white' noenhanced }
            set output '\(name).'.picture
            \(body)
            unset output
            }

            """
    }

    static func shown(_ value: Double) -> String { String(format: "%g", (value * 1000).rounded() / 1000) }

    /// Words in lines of at most so many characters.
    static func wrapped(_ text: String, _ count: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
            var lines: [String] = [], line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, line.count + 1 + word.count > count {
                    lines.append(line)
                    line = ""
                }
                line += (line.isEmpty ? "" : " ") + word
            }
            return lines + [line]
        }
    }
}

/// A text of several lines as gnuplot takes it.
func gnuplotLines(_ lines: [String]) -> String { lines.map(gnuplotQuoted).joined(separator: #"."\n"."#) }
