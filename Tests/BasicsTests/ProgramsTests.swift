import Basics
import Testing

@Suite struct ProgramsTests {
    @Test func `a child that dies of a signal is the file's fault, one that exits passes its code on`() throws {
        #expect(try SelfExecution.run(["-c", "exit 65"], program: "/bin/sh", crashed: "crashed", at: "x.hdf5") == 65)
        let found = try #require(throws: Failure.self) {
            try SelfExecution.run(["-c", "kill -SEGV $$"], program: "/bin/sh", crashed: "crashed", at: "x.hdf5")
        }
        #expect(found.kind == .data)
        #expect(found.location == "x.hdf5")
        #expect(found.found?.contains("signal 11") == true)
    }

    @Test func `a program is found through the path, runs in a folder and says how it ended`() throws {
        #expect(ExternalProgram("sh", searchPath: "/absent") == nil)
        #expect(ExternalProgram("/absent/sh") == nil)
        let shell = try #require(ExternalProgram("sh", searchPath: "/absent:/bin"))
        #expect(shell.path == "/bin/sh")
        let result = try shell.run(["-c", "pwd; echo no >&2; exit 3"], in: "/")
        #expect(result.status == 3 && result.output == "/\n" && result.error == "no\n")
    }
}
