import Demonstrations
import Probes

/// Action sequences of the data as the probes take them: normalised, with demonstration, frame and phase.
struct StudyChunks {
    let data: StudyData

    init(_ data: StudyData) { self.data = data }

    /// The true sequences of windows.
    func chunks(of windows: [Window]) -> Chunks { chunks(at: windows.map(data.layout.currentFrame)) }

    /// The true sequences at frames.
    func chunks(at frames: [FrameReference]) -> Chunks {
        let values = frames.flatMap {
            data.normalizer.normalizeActions(data.layout.actions(of: data.layout.window(at: $0), in: data.set))
        }
        return chunks(values: values, at: frames)
    }

    /// Given sequences that answer the observations at frames.
    func chunks(values: [Float], at frames: [FrameReference]) -> Chunks {
        Chunks(
            horizon: data.layout.horizon, actionDimension: data.set.actionDimension, values: values,
            demonstration: frames.map(\.demonstration), frame: frames.map(\.frame), phase: frames.map(phase))
    }

    /// The third of the episode a frame lies in.
    private func phase(_ frame: FrameReference) -> String {
        ["early", "middle", "late"][frame.frame * 3 / data.set.episodes[frame.demonstration].length]
    }
}
