/// Gives out places in one slab and takes them back: values that are not alive together share memory, so that what is
/// alive stays in the cache.
struct MemoryPlanner {
    /// Places in use, by offset.
    private var taken: [(offset: Int, count: Int)] = []
    /// Floats the slab needs.
    private(set) var total = 0

    /// The first gap of `count` floats, in whole cache lines.
    mutating func take(_ count: Int) -> Int {
        let count = (count + 15) / 16 * 16
        guard count > 0 else { return 0 }
        var offset = 0, index = 0
        while index < taken.count, taken[index].offset - offset < count {
            offset = taken[index].offset + taken[index].count
            index += 1
        }
        taken.insert((offset, count), at: index)
        total = max(total, offset + count)
        return offset
    }

    mutating func release(_ offset: Int, count: Int) {
        if count > 0 { taken.removeAll { $0.offset == offset } }
    }
}
