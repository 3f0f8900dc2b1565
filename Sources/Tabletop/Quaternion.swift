import Foundation

/// A position, direction or rotation vector in metres or radians.
public typealias Vector = SIMD3<Double>

extension SIMD3<Double> {
    func dot(_ other: Vector) -> Double { x * other.x + y * other.y + z * other.z }
    func cross(_ other: Vector) -> Vector {
        Vector(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }
    var length: Double { dot(self).squareRoot() }
    var largestMagnitude: Double { Swift.max(abs(x), abs(y), abs(z)) }
}

/// A unit quaternion in robosuite's order x, y, z, w: a rotation from the body's frame to the world's.
public struct Quaternion: Sendable, Equatable {
    public var x, y, z, w: Double

    public init(x: Double, y: Double, z: Double, w: Double) {
        self.x = x
        self.y = y
        self.z = z
        self.w = w
    }

    public static let identity = Quaternion(x: 0, y: 0, z: 0, w: 1)

    /// The rotation by `vector`'s length (radians) about its direction.
    public init(rotation vector: Vector) {
        let angle = vector.length
        let factor = angle < 1e-12 ? 0.5 : sin(angle / 2) / angle
        self.init(x: vector.x * factor, y: vector.y * factor, z: vector.z * factor, w: cos(angle / 2))
    }

    /// The rotation by `yaw` radians about the world's vertical axis.
    public init(yaw: Double) { self.init(rotation: Vector(0, 0, yaw)) }

    public static func * (a: Quaternion, b: Quaternion) -> Quaternion {
        Quaternion(
            x: a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
            y: a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
            z: a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
            w: a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z)
    }

    public var inverse: Quaternion { Quaternion(x: -x, y: -y, z: -z, w: w) }

    public var normalized: Quaternion {
        let norm = (x * x + y * y + z * z + w * w).squareRoot()
        return Quaternion(x: x / norm, y: y / norm, z: z / norm, w: w / norm)
    }

    public func rotated(_ vector: Vector) -> Vector {
        let axis = Vector(x, y, z)
        let twice = 2 * axis.cross(vector)
        return vector + w * twice + axis.cross(twice)
    }

    /// The rotation vector of the shorter way round, length in [0, π].
    public var rotationVector: Vector {
        let sign: Double = w < 0 ? -1 : 1
        let axis = Vector(x, y, z) * sign
        let sine = axis.length
        guard sine > 1e-12 else { return 2 * axis }
        return axis * (2 * atan2(sine, w * sign) / sine)
    }

    /// Direction of the body's x axis in the horizontal plane, radians.
    public var yaw: Double {
        let axis = rotated(Vector(1, 0, 0))
        return atan2(axis.y, axis.x)
    }

    public var components: [Double] { [x, y, z, w] }
}

/// `angle` moved by whole periods into [-period/2, period/2).
func wrapped(_ angle: Double, period: Double) -> Double {
    angle - period * ((angle / period) + 0.5).rounded(.down)
}
