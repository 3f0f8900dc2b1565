import Foundation
import Images

/// A small software renderer: perspective, depth buffer, one directional light with cast shadows on the table, and
/// 3 x 3 samples per pixel. The same state gives the same pixels.
///
/// One renderer serves one thread; it keeps the still part of the fixed camera's picture.
public struct TabletopRenderer {
    public let appearance: SceneAppearance
    public let width: Int
    public let height: Int
    static let samples = 3
    /// Towards the light.
    static let lightDirection = Point(0.35, -0.4, 1).unit
    static let ambient: Float = 0.5
    static let diffuse: Float = 0.55
    static let shadowFactor: Float = 0.7

    private let geometry: SceneGeometry
    private let table: SurfaceTexture.Lit
    private let floor: SurfaceTexture.Lit
    private var stillAgentView: Rasterizer?

    /// - Parameter fixtures: those of the task whose states are drawn (`TabletopTask.fixtures`).
    public init(
        appearance: SceneAppearance = .standard, fixtures: [Fixture] = [], width: Int = 84, height: Int = 84
    ) {
        precondition(width > 0 && height > 0, "picture of \(width) x \(height)")
        self.appearance = appearance
        self.width = width
        self.height = height
        geometry = SceneGeometry(appearance: appearance, fixtures: fixtures)
        let light = Point(appearance.light) * Self.shade([0, 0, 1])
        table = SurfaceTexture.Lit(.of(appearance.tableTexture), light: light)
        floor = SurfaceTexture.Lit(.floor, light: light)
    }

    /// What `camera` sees in `state`.
    public mutating func image(of state: TabletopState, camera: TabletopCamera) -> RGBImage {
        let view = View(camera.view(of: state, appearance: appearance), height: height * Self.samples)
        var target: Rasterizer
        if camera == .agentview, let still = stillAgentView {
            target = still
        } else {
            target = Rasterizer(
                width: width * Self.samples, height: height * Self.samples,
                background: Point(0.55, 0.57, 0.60) * Point(appearance.light))
            for mesh in geometry.still + geometry.marks { draw(mesh, view, &target) }
            if camera == .agentview { stillAgentView = target }
        }
        let things = geometry.standing + geometry.moving(state)
        for mesh in things { drawShadow(of: mesh, view, &target) }
        for mesh in things { draw(mesh, view, &target) }
        return target.resolved(by: Self.samples)
    }

    /// A camera in single precision.
    private struct View {
        let position, right, up, forward: Point
        let focal: Float

        init(_ camera: PerspectiveCamera, height: Int) {
            position = Point(camera.position)
            right = Point(camera.right)
            up = Point(camera.up)
            forward = Point(camera.forward)
            focal = Float(Double(height) / 2 / tan(camera.fieldOfView / 2))
        }

        func local(_ point: Point) -> Point {
            let offset = point - position
            return Point(offset.dot(right), offset.dot(up), offset.dot(forward))
        }
    }

    private static func shade(_ normal: Point) -> Float { ambient + diffuse * max(normal.dot(lightDirection), 0) }

    private func draw(_ mesh: Mesh, _ view: View, _ target: inout Rasterizer) {
        let paint: Rasterizer.Paint
        var albedo = Point(appearance.light)
        switch mesh.surface {
        case .color(let color): (albedo, paint) = (albedo * color, .color(isTable: false))
        case .mark(let color): (albedo, paint) = (albedo * color, .color(isTable: true))
        case .table: paint = .texture(table, isTable: true)
        case .floor: paint = .texture(floor, isTable: false)
        }
        func corner(_ vertex: Vertex) -> Rasterizer.Corner {
            .init(
                position: view.local(vertex.position), color: Rasterizer.bytes(albedo * Self.shade(vertex.normal)),
                texture: vertex.texture)
        }
        for i in stride(from: 0, to: mesh.vertices.count, by: 3) {
            let (a, b, c) = (mesh.vertices[i], mesh.vertices[i + 1], mesh.vertices[i + 2])
            var normal = (b.position - a.position).cross(c.position - a.position)
            if normal.dot(a.normal + b.normal + c.normal) < 0 { normal = -normal }
            // The back of a closed surface is never seen.
            guard normal.dot(view.position - a.position) > 0 else { continue }
            target.draw(corner(a), corner(b), corner(c), focal: view.focal, paint: paint)
        }
    }

    /// The mesh, flattened onto the table along the light.
    private func drawShadow(of mesh: Mesh, _ view: View, _ target: inout Rasterizer) {
        let height = Float(TabletopGeometry.tableHeight)
        func corner(_ vertex: Vertex) -> Rasterizer.Corner {
            let drop = (vertex.position.z - height) / Self.lightDirection.z
            return .init(position: view.local(vertex.position - drop * Self.lightDirection))
        }
        for i in stride(from: 0, to: mesh.vertices.count, by: 3) {
            target.draw(
                corner(mesh.vertices[i]), corner(mesh.vertices[i + 1]), corner(mesh.vertices[i + 2]),
                focal: view.focal, paint: .shadow(Self.shadowFactor))
        }
    }
}
