import Basics
import CHDF5

/// An identifier of the HDF5 library, closed when it goes out of scope.
struct HDF5Handle: ~Copyable {
    let id: hid_t
    private let close: @Sendable (hid_t) -> herr_t

    /// - Throws: a `Failure` of `kind` that carries the library's message, when `id` is negative.
    init(
        _ id: hid_t, closedBy close: @escaping @Sendable (hid_t) -> herr_t, _ what: String, at location: String,
        kind: Failure.Kind = .data
    ) throws {
        guard id >= 0 else {
            throw Failure(
                kind, what, at: location, found: HDF5Library.lastError(),
                remedy: "the file may be damaged; check it with h5ls or copy it again")
        }
        self.id = id
        self.close = close
    }

    deinit { _ = close(id) }
}
