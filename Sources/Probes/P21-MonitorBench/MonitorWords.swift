/// What monitors are called and do where people read them. A name is `<monitor>` or `<monitor>_<space>`.
public enum MonitorWords {
    /// In figures and reports; nil for what is no monitor's name.
    public static func label(_ name: String) -> String? {
        if let words = named.first(where: { $0.name == name }) { return words.label }
        guard let words = inSpaces.first(where: { name.hasPrefix($0.name + "_") }) else { return nil }
        let space = String(name.dropFirst(words.name.count + 1)).replacing("_", with: " ")
        return "\(words.label), \(Space(space).label)"
    }

    /// The glossary's lines.
    public static var glossary: [(name: String, label: String, meaning: String)] {
        named + inSpaces.map { ("\($0.name)_<space>", $0.label, $0.meaning) }
    }

    private static let named: [(name: String, label: String, meaning: String)] = [
        ("alt_similarity", "ALT's similarity", "minus the similarity of the table's best row"),
        ("action_variance", "spread of answers", "mean distance between successive samples of the policy under study"),
        ("rnd", "random network distillation", "error of a network that learned a random one's answers at training observations"),
        ("ddpm_loss", "denoising loss", "error of the policy's predicted noise at its own answer"),
        ("temporal_consistency", "temporal consistency", "difference between what the policy plans now and what it planned before"),
        (MonitorPanel.pixelDistance, "nearest image, pixels", "distance to the nearest training image; what every monitor stands beside"),
    ]

    /// One for each space of observations.
    private static let inSpaces: [(name: String, label: String, meaning: String)] = [
        (FeatureMonitors.neighbourName, "5th neighbour", "distance to the 5th nearest training observation in a space"),
        (FeatureMonitors.clusterName, "nearest cluster", "distance to the nearest of 8 centres along a space's principal components"),
        (FeatureMonitors.mahalanobisName, "Mahalanobis", "Mahalanobis distance to the training observations in a space"),
    ]
}
