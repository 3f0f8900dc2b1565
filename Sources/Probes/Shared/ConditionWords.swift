/// What conditions are called and mean where people read them.
extension Condition {
    /// In figures and reports; of a name that no page knows, the name with spaces.
    public var label: String { Self.words(of: name)?.label ?? name.replacing("_", with: " ") }

    /// For the glossary; nil for a name that no page knows.
    public var meaning: String? { Self.words(of: name)?.meaning }

    private typealias Words = (label: String, meaning: String)

    /// The glossary's lines: a name, or what stands for several.
    public static var glossary: [(name: String, meaning: String)] {
        named.map { ($0.key, $0.value.meaning) }.sorted { $0.0 < $1.0 }
            + patterned.map { ("\($0.prefix)<…>", $0.meaning) } + [("<shape>_<points>_<settings>", curve)]
    }

    private static let curve = "a 2-D curve learned from so many points under the authors' settings or the corrected ones (p17)"

    private static func words(of name: String) -> Words? {
        if let words = named[name] { return words }
        if let pattern = patterned.first(where: { name.hasPrefix($0.prefix) }) {
            return (pattern.label + name.dropFirst(pattern.prefix.count).replacing("_", with: " "), pattern.meaning)
        }
        let parts = name.split(separator: "_")
        guard parts.count == 3, ManifoldShape(rawValue: String(parts[0])) != nil, Int(parts[1]) != nil else { return nil }
        return ("\(parts[0]), n = \(parts[1]), \(parts[2])", curve)
    }

    /// Names that a study adds a name of its own to.
    private static let patterned: [(prefix: String, label: String, meaning: String)] = [
        ("photograph_", "photographs of ", "photographs of a folder of `probes.photographs`, in place of all cameras"),
        ("pairs_", "pairs, ", "frames of `probes.distractor_pairs`, clean or with one kind of distractor"),
        ("without_", "without ", "one camera's image blank, the rest a training frame (p09)"),
        ("rollouts_", "episodes of ", "monitors along the compared episodes of a policy (p21)"),
        ("heldout_", "held-out, ", "held-out observations of demonstrations of another spacing: where the object starts, and the expert's noise (p28)"),
    ]

    private static let named: [String: Words] = [
        "all": ("all conditions", "a number over all conditions"),
        "blank": ("blank image", "a blank image in place of all cameras; the pose stays a held-out one"),
        "camera_shift": ("camera moved", "held-out observations from another place of the camera"),
        "cat": ("cats, drawn", "drawn cats in place of all cameras; the pose stays a held-out one"),
        "closed_loop": ("closed loop", "episodes in the simulator from the compared starts"),
        "closed_loop_reference": ("closed loop, reference", "episodes from starts of their own, which set the thresholds of monitors"),
        "colour_shift": ("colours changed", "held-out observations in other colours"),
        "control": ("control ladder", "a rung of p02's control ladder, which answers no observation"),
        "cube_color": ("cube recoloured", "held-out observations with the cube in another colour"),
        "distractors": ("distractors", "held-out observations with other objects on the table"),
        "dog": ("dogs, drawn", "drawn dogs in place of all cameras; the pose stays a held-out one"),
        "folder": ("your pictures", "pictures of `probes.image_folder` in place of all cameras"),
        "fork": ("fork", "the moment from which several ways were demonstrated (p16)"),
        "heldout": ("held-out", "observations of demonstrations that are neither trained on nor the reference"),
        "intact": ("intact", "training frames as they are, beside the mixtures of p09"),
        "light_shift": ("light changed", "held-out observations under another light"),
        "noise": ("noise images", "noise in place of all cameras; the pose stays a held-out one"),
        "object_moved": ("object moved", "episodes in which the object is put elsewhere on the way (p18)"),
        "object_sweep": ("object sweep", "the object between where it lay in two neighbouring training demonstrations (p06)"),
        "other_image": ("image of another", "the image of one training demonstration with the pose of another (p09)"),
        "other_task": ("another task", "the same cameras before another task"),
        "pixel_shuffled": ("pixels shuffled", "held-out images with their pixels in another order"),
        "shuffled_image": ("image of another time", "the image of another held-out frame with this one's pose"),
        "small_moves": ("small moves", "the object moved by 0 to 20 mm (p22)"),
        "table_texture": ("table retextured", "held-out observations on a table of another texture"),
        "texture": ("textures", "drawn textures in place of all cameras; the pose stays a held-out one"),
        "timed": ("timed", "single queries against the clock, at the study's size"),
        "timed_reference_size": ("timed, published size", "the same at the size of the published networks"),
        "train": ("training", "observations that were trained on: a check of the fit, never evidence"),
        "true_pose_blank_image": ("blank image, true pose", "a blank image with the pose of a training frame (p09)"),
        "true_pose_noise_image": ("noise image, true pose", "noise with the pose of a training frame (p09)"),
        "true_pose_shuffled_pixels": ("shuffled pixels, true pose", "shuffled pixels with the pose of a training frame (p09)"),
    ]
}
