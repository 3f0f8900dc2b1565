/// The stages of a study in the order in which they run. Adding one is a file and a line here.
public enum StudyStages {
    public static let all: [any Stage] = [DataStage()]
}
