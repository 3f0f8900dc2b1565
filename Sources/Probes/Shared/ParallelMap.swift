import Dispatch

/// The results of `transform` for 0 ..< count, in order, computed by up to `workers` threads.
///
/// Each element depends on its index alone, so the result is the same for any number of workers.
func parallelMap<Element: Sendable>(
    count: Int, workers: Int, _ transform: @Sendable (Int) -> Element
) -> [Element] {
    guard workers > 1, count > 1 else { return (0..<count).map(transform) }
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        // Every slot is written by exactly one thread, and `concurrentPerform` returns after all of them.
        nonisolated(unsafe) let slots = buffer
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for index in stride(from: worker, to: count, by: workers) {
                slots.initializeElement(at: index, to: transform(index))
            }
        }
        initialized = count
    }
}
