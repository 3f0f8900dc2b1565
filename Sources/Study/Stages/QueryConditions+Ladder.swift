extension QueryConditions {
    /// The conditions in rungs, the further from the training data the later; a name that ends in `_` stands for all that
    /// begin with it. `shuffled_image`, which contradicts itself rather than being far away, comes last.
    static let ladder = [
        ["train"],
        ["heldout", "pairs_clean"],
        ["colour_shift", "light_shift", "camera_shift", "distractors", "cube_color", "table_texture", "pairs_"],
        ["other_task"],
        ["texture", "photograph_", "folder"],
        ["cat", "dog"],
        ["noise"],
        ["blank"],
        ["pixel_shuffled"],
        ["shuffled_image"],
    ]

    /// The rung of a condition, 0 for `train`.
    static func level(_ name: String) -> Int { rungAndPlace(name).rung }

    /// Position of a condition's entry in the ladder, counted over all rungs.
    static func place(_ name: String) -> Int {
        let found = rungAndPlace(name)
        return ladder[..<found.rung].reduce(0) { $0 + $1.count } + found.place
    }

    private static func rungAndPlace(_ name: String) -> (rung: Int, place: Int) {
        for matches in [{ $0 == name }, { $0.hasSuffix("_") && name.hasPrefix($0) }] as [(String) -> Bool] {
            for (rung, entries) in ladder.enumerated() {
                if let place = entries.firstIndex(where: matches) { return (rung, place) }
            }
        }
        preconditionFailure("condition \(name) has no place in \(ladder)")
    }
}
