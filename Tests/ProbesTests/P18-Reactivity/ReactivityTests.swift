import Basics
import Testing

@testable import Probes

@Suite struct ReactivityTests {
    private let study = EpisodeStudy()

    private func run(_ policy: PolicyID, moved: (Int) -> Bool, plain: (Int) -> Bool, reaction: Int? = 16) throws -> ProbeResult {
        try study.run(
            Reactivity(),
            study.episodes(policy, success: plain, starts: 300)
                + study.episodes(policy, success: moved, starts: 300, condition: .objectMoved, reaction: reaction))
    }

    @Test func `a policy that loses nothing by the move is reactive, one that loses much is not`() throws {
        let follows = try run("alt", moved: { $0 % 10 != 3 }, plain: { $0 % 10 != 0 })
        #expect(follows.row("p18_success", "alt", "object_moved")?.verdict == .reactive)
        #expect(follows.row("p18_success", "alt", "object_moved")?.controlValue == 0.9)
        let stays = try run("alt", moved: { $0 % 5 == 1 }, plain: { $0 % 10 != 0 })
        #expect(stays.row("p18_success", "alt", "object_moved")?.verdict == .notReactive)
        #expect((stays.row("p18_success", "alt", "object_moved")?.high ?? 0) < -0.1)
    }

    @Test func `an episode in which the hand never turns counts with its length`() throws {
        let turns = try run("alt", moved: { _ in true }, plain: { _ in true })
        #expect(turns.row("p18_reaction", "alt", "object_moved")?.value == 16)
        let never = try run("alt", moved: { _ in false }, plain: { _ in true }, reaction: nil)
        #expect(never.row("p18_reaction", "alt", "object_moved")?.value == 400)
    }
}
