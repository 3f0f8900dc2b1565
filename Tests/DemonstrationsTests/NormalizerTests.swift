import Demonstrations
import Testing

@Suite struct NormalizerTests {
    @Test func `low-dim ranges become minus one to one, a constant dimension is centred and not scaled`() {
        let set = MemorySet.make(
            actions: [[0, 0, 0]], actionDimension: 1, lowDim: [[2, 5, 4, 5, 3, 5]], lowDimDimension: 2)
        let normalizer = Normalizer.fit(set, demonstrations: [0])
        #expect(normalizer.lowDimScale == [1, 1])
        #expect(normalizer.lowDimOffset == [-3, -5])
        #expect(normalizer.normalizeLowDim([2, 5, 4, 5, 3, 5]) == [-1, 0, 1, 0, 0, 0])
    }

    @Test func `a range under 1e-4 counts as constant, a range over it does not`() {
        let narrow = MemorySet.make(actions: [[0, 0]], actionDimension: 1, lowDim: [[1, 1.00009]], lowDimDimension: 1)
        #expect(Normalizer.fit(narrow, demonstrations: [0]).lowDimScale == [1])
        let wide = MemorySet.make(actions: [[0, 0]], actionDimension: 1, lowDim: [[1, 1.0002]], lowDimDimension: 1)
        #expect(Normalizer.fit(wide, demonstrations: [0]).lowDimScale[0] > 9000)
    }

    @Test func `delta actions stay as they are, others are scaled per dimension`() {
        let deltas = MemorySet.make(actions: [[-1, 0.5, 1, 0.25]], actionDimension: 2, lowDim: [[0, 0]], lowDimDimension: 1)
        let identity = Normalizer.fit(deltas, demonstrations: [0])
        #expect(identity.actionScale == [1, 1] && identity.actionOffset == [0, 0])
        let positions = MemorySet.make(actions: [[0, 0.5, 8, 1]], actionDimension: 2, lowDim: [[0, 0]], lowDimDimension: 1)
        let scaled = Normalizer.fit(positions, demonstrations: [0])
        #expect(scaled.normalizeActions([0, 0.5, 8, 1, 4, 0.75]) == [-1, -1, 1, 1, 0, 0])
        #expect(scaled.denormalizeActions([-1, -1, 1, 1, 0, 0]) == [0, 0.5, 8, 1, 4, 0.75])
    }

    @Test func `a centre taken off first keeps the digits of values that vary little`() {
        let scale: [Float] = [1e4, 2], mean: [Float] = [1000, 0.5]
        let normalizer = Normalizer(
            actionScale: scale, actionOffset: [0, -1], actionCentre: mean, lowDimScale: scale, lowDimOffset: [0, -1], lowDimCentre: mean)
        let raw: [Float] = [1000.0625, 0.75], own = normalizer.normalizeActions(raw)
        #expect(own == [625, -0.5] && normalizer.normalizeLowDim(raw) == own)
        #expect(normalizer.denormalizeActions(own) == raw && normalizer.denormalizeLowDim(own) == raw)
    }

    @Test func `only the named demonstrations count`() {
        let set = MemorySet.make(
            actions: [[0, 1], [0, 50]], actionDimension: 1, lowDim: [[0, 2], [0, 100]], lowDimDimension: 1)
        let normalizer = Normalizer.fit(set, demonstrations: [0])
        #expect(normalizer.actionScale == [1])
        #expect(normalizer.lowDimScale == [1] && normalizer.lowDimOffset == [-1])
        #expect(Normalizer.fit(set, demonstrations: [0, 1]).actionScale != [1])
    }
}
