"""Rotations as the experts need them: matrices, quaternions x, y, z, w, rotation vectors, angles."""
import numpy

# The gripper pointing down: x along the fingers' axis, z down.
DOWN = numpy.array([[0.0, 1, 0], [1, 0, 0], [0, 0, -1]])


def about_z(angle):
    cosine, sine = numpy.cos(angle), numpy.sin(angle)
    return numpy.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1.0]])


def from_vector(vector):
    angle = numpy.linalg.norm(vector)
    if angle < 1e-9:
        return numpy.eye(3)
    x, y, z = vector / angle
    cross = numpy.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return numpy.eye(3) + numpy.sin(angle) * cross + (1 - numpy.cos(angle)) * cross @ cross


def to_vector(matrix):
    angle = numpy.arccos(numpy.clip((numpy.trace(matrix) - 1) / 2, -1, 1))
    if angle < 1e-7:
        return numpy.zeros(3)
    axis = numpy.array([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]])
    # At half a turn the axis cannot be read off this way; the division stays finite.
    return axis / max(2 * numpy.sin(angle), 1e-9) * angle


def from_quaternion(quaternion):
    x, y, z, w = numpy.asarray(quaternion, float) / numpy.linalg.norm(quaternion)
    return numpy.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


def yaw(quaternion):
    matrix = from_quaternion(quaternion)
    return numpy.arctan2(matrix[1, 0], matrix[0, 0])


def wrap(angle, period=2 * numpy.pi):
    return (angle + period / 2) % period - period / 2
