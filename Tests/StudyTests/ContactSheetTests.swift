import Images
import Study
import Testing

@Suite struct ContactSheetTests {
    private func sheet(generated: [Float], nearest: [Float]) -> RGBImage {
        let query = RGBImage(width: 84, height: 84, color: RGBColor(0, 160, 60))
        let recalled = RGBImage(width: 84, height: 84, color: RGBColor(200, 0, 200))
        return ContactSheet(
            title: "diffusion_ddpm", actionDimension: 2, actionNames: ["x", "grip"],
            rows: [.init(labels: ["cat", "demo_3 : 12"], query: [query, query], recalled: [recalled, recalled], generated: generated, nearest: nearest)]
        ).draw()
    }

    private func count(_ color: RGBColor, in image: RGBImage) -> Int {
        (0..<image.width * image.height).count { i in
            image.pixels[3 * i] == color.red && image.pixels[3 * i + 1] == color.green && image.pixels[3 * i + 2] == color.blue
        }
    }

    @Test func `both cameras of query and recalled image are there at full size`() {
        let image = sheet(generated: [0, 0, 0, 0], nearest: [0, 0, 0, 0])
        #expect(count(RGBColor(0, 160, 60), in: image) == 2 * 132 * 132)
        #expect(count(RGBColor(200, 0, 200), in: image) == 2 * 132 * 132)
    }

    @Test func `sequences that differ show more of both colours than equal ones`() {
        let generatedColour = RGBColor(213, 94, 0), nearestColour = RGBColor(0, 114, 178)
        let equal = sheet(generated: [0, 1, 0.5, 1], nearest: [0, 1, 0.5, 1])
        let apart = sheet(generated: [0, 1, 0.5, 1], nearest: [-1, -1, -0.5, -1])
        #expect(count(generatedColour, in: equal) > 100)
        #expect(count(nearestColour, in: apart) > count(nearestColour, in: equal) + 100)
    }
}
