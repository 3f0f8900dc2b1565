import CHDF5

/// The process-wide state of the HDF5 C library: quiet, and closed to anything outside the opened file.
enum HDF5Library {
    /// Switches off plugins (code loaded from a path in the environment) and the following of external
    /// links (files named by the file). Happens once, before the first file is opened.
    private static let restricted: Bool = {
        H5open() >= 0 && H5PLset_loading_state(0) >= 0 && H5Lunregister(H5L_TYPE_EXTERNAL) >= 0
    }()

    /// Must run on the calling thread before a file is opened: the error stack belongs to the thread.
    static func prepare() {
        let ready = restricted
        precondition(ready, "the HDF5 library cannot be initialised")
        H5Eset_auto2(alt_h5_default_error_stack(), nil, nil)
    }

    /// The most specific message of the library's error stack, which is cleared.
    static func lastError() -> String {
        final class Messages { var all: [String] = [] }
        let messages = Messages()
        H5Ewalk2(
            alt_h5_default_error_stack(), H5E_WALK_UPWARD,
            { _, error, context in
                guard let text = error?.pointee.desc, let context else { return 0 }
                Unmanaged<Messages>.fromOpaque(context).takeUnretainedValue().all.append(String(cString: text))
                return 0
            }, Unmanaged.passUnretained(messages).toOpaque())
        H5Eclear2(alt_h5_default_error_stack())
        return messages.all.first ?? "the HDF5 library gives no reason"
    }
}
