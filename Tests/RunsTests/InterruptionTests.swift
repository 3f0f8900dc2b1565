import Basics
import Foundation
import Runs
import Testing

@Suite struct InterruptionTests {
    @Test func `a request makes the next check throw`() throws {
        let interruption = Interruption()
        try interruption.check()
        interruption.request(signal: SIGTERM)
        let failure = try #require(throws: Failure.self) { try interruption.check() }
        #expect(failure.kind == .interrupted)
        #expect(failure.what.contains("SIGTERM"))
    }

    @Test func `a signal to the process sets the flag of who listens`() throws {
        let interruption = Interruption(), other = Interruption()
        interruption.install()
        #expect(!interruption.requested)
        raise(SIGUSR1)
        #expect(interruption.requested)
        #expect(!other.requested)
    }
}
