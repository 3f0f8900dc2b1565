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

    /// Pixels of the fixed camera in which one colour channel, or two, stand out as in `isIt`, along an expert's episode:
    /// the share of steps with at least `pixels` of them.
    static func shareOfStepsSeen(
        _ task: any TabletopTask, seed: Seed, pixels: Int, _ isIt: (_ r: Int, _ g: Int, _ b: Int) -> Bool
    ) -> Double {
        var simulator = TabletopSimulator(task: task, seed: seed), renderer = TabletopRenderer(fixtures: task.fixtures)
        var expert = task.expert(at: simulator.state, style: ExpertStyle(seed: seed), seed: seed)
        var seen = 0, steps = 0, isSuccess = false
        while !isSuccess && steps < task.stepLimit {
            let image = renderer.image(of: simulator.state, camera: .agentview)
            var count = 0
            for y in 0..<84 {
                for x in 0..<84 {
                    let pixel = image[x, y]
                    count += isIt(Int(pixel.red), Int(pixel.green), Int(pixel.blue)) ? 1 : 0
                }
            }
            seen += count >= pixels ? 1 : 0
            steps += 1
            isSuccess = simulator.step(expert.action(at: simulator.state)).isSuccess
        }
        return Double(seen) / Double(steps)
    }

    @Test func `object, bin, post and goal are seen by the fixed camera most of the time`() {
        func red(_ r: Int, _ g: Int, _ b: Int) -> Bool { r > 2 * g + 20 && r > 2 * b }
        func blue(_ r: Int, _ g: Int, _ b: Int) -> Bool { b > 2 * r && b > 3 * g / 2 && b > 70 }
        func teal(_ r: Int, _ g: Int, _ b: Int) -> Bool { b > g && 2 * g > 3 * r }
        func green(_ r: Int, _ g: Int, _ b: Int) -> Bool { 2 * g > 3 * r && 2 * g > 3 * b }
        func violet(_ r: Int, _ g: Int, _ b: Int) -> Bool { 4 * b > 5 * r && 2 * r > 3 * g }
        let place = PlaceTask(), detour = DetourTask()
        func mean(_ task: any TabletopTask, pixels: Int, _ isIt: (_ r: Int, _ g: Int, _ b: Int) -> Bool) -> Double {
            (0..<5).reduce(0) { $0 + Self.shareOfStepsSeen(task, seed: Seed(40) / $1, pixels: pixels, isIt) } / 5
        }
        // A hand that is turned by 90° hides what it carries, as in `lift`.
        let shares = [mean(place, pixels: 10, red), mean(place, pixels: 10, blue), mean(detour, pixels: 10, red)]
        #expect(shares.allSatisfy { $0 > 0.75 }, "\(shares)")
        let fixtures = [mean(place, pixels: 150, teal), mean(detour, pixels: 50, green), mean(detour, pixels: 100, violet)]
        #expect(fixtures.allSatisfy { $0 > 0.85 }, "\(fixtures)")
        #expect(mean(LiftTask(), pixels: 1, violet) == 0)
    }

    @Test func `shadows fall on a mark as on the table`() {
        let mark = Fixture(center: [0.08, 0], halfSize: [0.1, 0.1], height: 0, color: RGBColor(70, 168, 84))
        var renderer = TabletopRenderer(fixtures: [mark])
        let image = renderer.image(of: Self.state(), camera: .agentview)
        let greens = (0..<84 * 84).map { image[$0 % 84, $0 / 84] }.filter { $0.green > $0.red + 30 }.map(\.green)
        let dark = greens.count { $0 < 140 }, light = greens.count { $0 > 160 }
        #expect(dark > 20 && light > 200, "\(dark) dark, \(light) light")
    }

    @Test(arguments: TabletopGenerator.tasks.map(\.name))
    func `distractors stand clear of the task's fixtures and cubes`(name: String) throws {
        let task = try TabletopGenerator.task(named: name)
        for i in 0..<100 {
            let cubes = task.initialState(seed: Seed(3) / i).cubes.map { SIMD2($0.position.x, $0.position.y) }
            let varied = SceneAppearance.varied(.distractors, seed: Seed(4) / i, avoiding: cubes, fixtures: task.fixtures)
            #expect(varied.distractors.count >= 2)
            for thing in varied.distractors {
                #expect(task.fixtures.allSatisfy { $0.distance(to: thing.position) > 2.0.squareRoot() * thing.halfSize })
                #expect(cubes.allSatisfy { (($0 - thing.position) * ($0 - thing.position)).sum() > 0.09 * 0.09 })
            }
        }
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
