import Demonstrations

/// What is asked in one part of a study.
struct StudyQueries {
    private let cache: StudyDataCache
    private let context: StudyContext
    private let part: StudyPart

    init(_ cache: StudyDataCache, _ context: StudyContext, _ part: StudyPart) {
        self.cache = cache
        self.context = context
        self.part = part
    }

    func data(view: TrainingMember.View = .images) throws -> StudyData { try cache.data(context, view: view).part(part) }

    /// Every condition in the main part; in the others, which exist to be compared with it, only frames of the data.
    func conditions() throws -> [QueryCondition] {
        let conditions = QueryConditions(data: try data(), settings: context.settings)
        return part == .main ? try conditions.all() : conditions.recorded()
    }

    /// The condition's observations as a view shows them; low-dim policies are asked about frames of the data alone.
    func observations(_ condition: QueryCondition, _ view: TrainingMember.View) throws -> [Observation] {
        guard view == .state else { return condition.observations }
        let data = try data(view: .state)
        return condition.frames.map { data.set.observation($0, steps: data.layout.observationSteps) }
    }
}
