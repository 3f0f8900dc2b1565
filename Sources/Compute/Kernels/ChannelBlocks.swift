/// Walks an image [positions, C] a register of channels at a time, all positions of a block before the next block, so that
/// what belongs to the channels stays in registers. The last block may read past C; its surplus lanes are dropped.
struct ChannelBlocks<Lanes: FloatLanes> {
    let positions, channels: Int

    /// - Parameter body: gets the first channel of a block and how many there are
    @inline(__always)
    func forEachBlock(_ body: (_ block: Int, _ count: Int) -> Void) {
        var block = 0
        while block < channels {
            body(block, min(Lanes.width, channels - block))
            block += Lanes.width
        }
    }

    /// - Parameter body: gets the offset of the block at each position
    @inline(__always)
    func forEachPosition(_ block: Int, _ body: (_ offset: Int) -> Void) {
        var offset = block
        for _ in 0..<positions {
            body(offset)
            offset += channels
        }
    }

    /// Sums a term over the positions, in four interleaved sums so that one addition need not wait for the last.
    @inline(__always)
    func sum(_ block: Int, _ term: (_ offset: Int) -> Lanes) -> Lanes {
        var s0 = Lanes(repeating: 0), s1 = s0, s2 = s0, s3 = s0
        var offset = block
        for _ in 0..<positions / 4 {
            s0 = s0 + term(offset)
            s1 = s1 + term(offset + channels)
            s2 = s2 + term(offset + 2 * channels)
            s3 = s3 + term(offset + 3 * channels)
            offset += 4 * channels
        }
        for _ in 0..<positions % 4 {
            s0 = s0 + term(offset)
            offset += channels
        }
        return (s0 + s1) + (s2 + s3)
    }
}
