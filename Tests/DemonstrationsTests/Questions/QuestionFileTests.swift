import Basics
import Images
import Testing
import TestSupport

@testable import Demonstrations

@Suite struct QuestionFileTests {
    private let set = DemonstrationSet(
        path: "data.hdf5", cameras: [Camera(key: "policy/front", height: 2, width: 3)], lowDimKeys: [LowDimKey(key: "pose", width: 2), LowDimKey(key: "policy/object", width: 1)],
        actionDimension: 2, episodes: [], environment: nil, pixels: [])

    private var head: QuestionFile.Head {
        var head = QuestionFile.Head()
        (head.readme, head.configuration, head.samples, head.horizon, head.actionDimension) = ("fill in", "experiment: mine\n", 2, 4, 2)
        return head
    }

    private func question(_ number: Int) -> QuestionFile.Question {
        let step = Float(number)
        return QuestionFile.Question(
            id: "id\(number)", condition: "heldout",
            observation: Observation(
                images: [[RGBImage(width: 3, height: 2, red: UInt8(number), green: 1, blue: 2)], [RGBImage(width: 3, height: 2, red: 9, green: UInt8(number), blue: 2)]],
                lowDim: [[step, 0.5, 7], [step + 1, 0.25, 8]], source: nil),
            seed: Seed(UInt64.max - UInt64(number)), noise: (0..<16).map { Float($0) })
    }

    private func written() throws -> String {
        let path = try SharedData.temporaryFolder() + "/questions.hdf5"
        try QuestionFile.write((0..<3).map(question), head, keysOf: set, to: path)
        return path
    }

    @Test func `questions lie under the observation's keys, oldest step first, and say what to fill in`() throws {
        let path = try written(), root = try HDF5File(reading: path).root()
        let (head, ids) = try QuestionFile.read(path)
        #expect(head == self.head && ids == ["id0", "id1", "id2"])
        let observed = try #require(try root.group("obs"))
        let front = try #require(try observed.group("policy")?.dataset("front"))
        #expect(front.shape == [3, 2, 2, 3, 3])
        let pixels = try front.readFloats()
        #expect(pixels[36] == 1 && pixels[36 + 18] == 9 && pixels[36 + 19] == 1)
        #expect(try observed.dataset("pose")?.readFloats() == [0, 0.5, 1, 0.25, 1, 0.5, 2, 0.25, 2, 0.5, 3, 0.25])
        #expect(try observed.group("policy")?.dataset("object")?.readFloats() == [7, 8, 7, 8, 7, 8])
        let given = try #require(try root.group("question"))
        #expect(try given.dataset("noise")?.shape == [3, 2, 4, 2])
        #expect(try given.dataset("seed")?.readIntegers() == [-1, -2, -3])
    }

    @Test func `equal questions give equal bytes`() throws {
        let files = try [written(), written()].map { try FileSystem.read($0) }
        #expect(files[0] == files[1])
    }

    @Test func `a file of something else is refused`() throws {
        let failure = try #require(throws: Failure.self) { try QuestionFile.read(SharedData.fixture("hdf5") + "/plain.hdf5") }
        #expect([Failure.Kind.data, .inputMissing].contains(failure.kind))
        #expect(try #require(throws: Failure.self) { try QuestionFile.read("nowhere.hdf5") }.kind == .inputMissing)
    }

    private func answers(_ policies: [(name: String, shape: [Int], values: [Double])]) throws -> String {
        let path = try SharedData.temporaryFolder() + "/answers.hdf5", file = try HDF5MemoryFile(for: path)
        try file.makeGroup("answers")
        for policy in policies { try file.write(policy.values, shape: policy.shape, to: "answers/\(policy.name)") }
        try file.save()
        return path
    }

    private func refusal(_ policies: [(name: String, shape: [Int], values: [Double])], policy: String? = nil) throws -> Failure {
        let path = try answers(policies)
        return try #require(throws: Failure.self) { try AnswerFile.read(path, policy: policy, questions: 3, head) }
    }

    @Test func `answers are read question by question, of a policy that draws and of one that does not`() throws {
        let values = (0..<48).map(Double.init)
        let drawn = try AnswerFile.read(answers([("mine", [3, 2, 4, 2], values)]), questions: 3, head)
        #expect(drawn.policy == "mine" && drawn.samples == 2)
        #expect(drawn.sequences[1][0] == (16..<24).map(Float.init) && drawn.sequences[2][1] == (40..<48).map(Float.init))
        let sure = try AnswerFile.read(answers([("mine", [3, 1, 4, 2], Array(values.prefix(24)))]), questions: 3, head)
        #expect(sure.samples == 1 && sure.sequences[2] == [(16..<24).map(Float.init)])
        let two = try answers([("a", [3, 1, 4, 2], Array(values.prefix(24))), ("b", [3, 1, 4, 2], Array(values.suffix(24)))])
        #expect(try AnswerFile.read(two, policy: "b", questions: 3, head).sequences[0][0][0] == 24)
    }

    @Test func `answers of another shape, of nobody, of several, or that are no numbers are refused by name`() throws {
        let values = [Double](repeating: 0, count: 48)
        let shape = try refusal([("mine", [3, 2, 8, 1], values)])
        #expect(shape.expected?.contains("[3, samples, 4, 2]") == true && shape.found?.contains("(3, 2, 8, 1)") == true)
        #expect(try refusal([]).what == "the file has no answers")
        let several = try refusal([("a", [3, 2, 4, 2], values), ("b", [3, 2, 4, 2], values)])
        #expect(several.what.contains("several policies") && several.found == "a, b")
        #expect(try refusal([("a", [3, 2, 4, 2], values), ("b", [3, 2, 4, 2], values)], policy: "c").what.contains("no answers of this policy"))
        var unanswered = values
        unanswered[21] = .nan
        #expect(try refusal([("mine", [3, 2, 4, 2], unanswered)]).found == "nan at question 1, sample 0, step 2, dimension 1")
    }
}
