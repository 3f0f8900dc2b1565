import Basics
import Images
import Tabletop
import Testing

@Suite struct TabletopRendererTests {
    static func state(cube: Vector = Vector(0.08, 0, 0.82), hand: Vector = Vector(-0.11, 0, 1.0)) -> TabletopState {
        TabletopState(
            position: hand, orientation: TabletopState.handDown, fingerPosition: 0.04,
            cubes: [.init(position: cube, orientation: .identity)])
    }

    /// Centre and number of the pixels that are clearly redder than anything else in the standard scene.
    static func red(_ image: RGBImage) -> (x: Double, y: Double, count: Int) {
        var sum = (x: 0.0, y: 0.0), count = 0
        for y in 0..<image.height {
            for x in 0..<image.width {
                let pixel = image[x, y]
                guard Int(pixel.red) > 2 * Int(pixel.green) + 20, pixel.red > 60 else { continue }
                sum = (sum.x + Double(x) + 0.5, sum.y + Double(y) + 0.5)
                count += 1
            }
        }
        return (sum.x / Double(count), sum.y / Double(count), count)
    }

    @Test func `known points land at known pixels`() throws {
        let camera = PerspectiveCamera(
            position: Vector(1, 0, 0), target: Vector(0, 0, 0), up: Vector(0, 0, 1), fieldOfView: .pi / 2)
        let middle = try #require(camera.project(Vector(0, 0, 0), width: 84, height: 60))
        #expect(middle == (42, 30, 1))
        // At depth 1 and 90°, half the height is 1 m: 0.5 m to the right (world +y) is 15 pixels, 0.5 m up is 15 less.
        let corner = try #require(camera.project(Vector(0, 0.5, 0.5), width: 84, height: 60))
        #expect(abs(corner.x - 57) < 1e-9 && abs(corner.y - 15) < 1e-9)
        #expect(camera.project(Vector(2, 0, 0), width: 84, height: 60) == nil)
    }

    @Test(arguments: TabletopCamera.allCases)
    func `the cube is drawn where the camera projects it, and moves with it`(camera: TabletopCamera) throws {
        var renderer = TabletopRenderer()
        var last: (x: Double, y: Double, count: Int)?
        for cube in [Vector(0.0, -0.06, 0.82), Vector(0.06, 0.0, 0.82), Vector(0.02, 0.06, 0.82)] {
            let state = Self.state(cube: cube, hand: Vector(-0.11, 0, 1.08))
            let found = Self.red(renderer.image(of: state, camera: camera))
            let expected = try #require(camera.view(of: state).project(cube, width: 84, height: 84))
            #expect(found.count > 15)
            #expect(abs(found.x - expected.x) < 1.2 && abs(found.y - expected.y) < 1.2, "\(found), \(expected)")
            if let last { #expect(abs(found.x - last.x) > 5) }
            last = found
        }
    }

    @Test func `what is nearer hides what is behind, whatever the order of drawing`() {
        func image(blueFirst: Bool) -> RGBImage {
            var appearance = SceneAppearance.standard
            // On the fixed camera's line of sight: green in front of blue.
            appearance.distractors = [
                .init(shape: .box, position: [-0.06, 0.15], yaw: 0, halfSize: 0.03, color: RGBColor(0, 0, 255)),
                .init(shape: .box, position: [0.01, 0.14], yaw: 0, halfSize: 0.035, color: RGBColor(0, 255, 0)),
            ]
            if !blueFirst { appearance.distractors.reverse() }
            var renderer = TabletopRenderer(appearance: appearance)
            return renderer.image(of: Self.state(), camera: .agentview)
        }
        let first = image(blueFirst: true)
        #expect(first == image(blueFirst: false))
        var counts = (green: 0, blue: 0)
        for y in 0..<84 {
            for x in 0..<84 {
                if first[x, y].green > 120 && first[x, y].red < 40 { counts.green += 1 }
                if first[x, y].blue > 120 && first[x, y].red < 40 { counts.blue += 1 }
            }
        }
        #expect(counts.green > 60 && counts.blue < counts.green / 2, "\(counts)")
    }

    @Test func `the hand hides the cube from the fixed camera when it stands before it`() {
        var renderer = TabletopRenderer()
        let open = Self.red(renderer.image(of: Self.state(cube: Vector(-0.05, 0, 0.82)), camera: .agentview)).count
        let hidden = Self.red(
            renderer.image(of: Self.state(cube: Vector(-0.05, 0, 0.82), hand: Vector(0.05, 0, 0.85)), camera: .agentview)
        ).count
        #expect(open > 15 && hidden < open / 2)
    }

    @Test func `the same state gives the same pixels, and a renderer keeps nothing of the state before`() {
        var renderer = TabletopRenderer(), fresh = TabletopRenderer()
        for camera in TabletopCamera.allCases {
            _ = renderer.image(of: Self.state(hand: Vector(0.1, 0.1, 0.9)), camera: camera)
            #expect(renderer.image(of: Self.state(), camera: camera) == fresh.image(of: Self.state(), camera: camera))
        }
    }

    @Test(arguments: SceneAppearance.Variation.allCases)
    func `every variation changes the picture and is the same for the same seed`(
        variation: SceneAppearance.Variation
    ) {
        let varied = SceneAppearance.varied(variation, seed: Seed(1), avoiding: [[0.08, 0]])
        #expect(varied == .varied(variation, seed: Seed(1), avoiding: [[0.08, 0]]))
        #expect(varied != .varied(variation, seed: Seed(2), avoiding: [[0.08, 0]]))
        var standard = TabletopRenderer(), other = TabletopRenderer(appearance: varied)
        let pictures = (
            standard.image(of: Self.state(), camera: .agentview), other.image(of: Self.state(), camera: .agentview)
        )
        let changed = zip(pictures.0.pixels, pictures.1.pixels).count { abs(Int($0) - Int($1)) > 12 }
        #expect(changed > 40)
    }
}
