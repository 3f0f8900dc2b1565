/// Moves axis 1 of a row-major array to the end: PyTorch's [B, C, T] and [B, C, H, W] become [B, T, C] and
/// [B, H, W, C]. Arrays of rank 2 and less stay as they are.
public enum ChannelsLast {
    public static func shape(_ shape: [Int]) -> [Int] {
        shape.count < 3 ? shape : [shape[0]] + shape[2...] + [shape[1]]
    }

    public static func values(_ values: [Float], shape: [Int]) -> [Float] {
        guard shape.count >= 3 else { return values }
        let channels = shape[1]
        let positions = shape[2...].reduce(1, *)
        return (0..<values.count).map { index in
            let channel = index % channels
            let position = index / channels % positions
            return values[(index / (channels * positions) * channels + channel) * positions + position]
        }
    }
}
