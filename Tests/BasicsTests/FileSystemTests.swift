import Basics
import Foundation
import Testing
import TestSupport

@Suite struct FileSystemTests {
    @Test func `what lies at a path is told apart, through links`() throws {
        let folder = try SharedData.temporaryFolder()
        try AtomicFile.write("text", to: folder + "/file")
        #expect(mkfifo(folder + "/pipe", 0o600) == 0)
        #expect(symlink("pipe", folder + "/link") == 0)
        #expect(symlink("nothing", folder + "/broken") == 0)
        #expect(FileSystem.kind(folder) == .folder && FileSystem.kind(folder + "/file") == .file)
        #expect(FileSystem.kind(folder + "/pipe") == .pipe && FileSystem.kind(folder + "/link") == .pipe)
        #expect(FileSystem.kind("/dev/zero") == .device)
        #expect(FileSystem.kind(folder + "/broken") == nil && FileSystem.kind(folder + "/nothing") == nil)
    }

    @Test func `a pipe is not read, since it may never end`() throws {
        let folder = try SharedData.temporaryFolder()
        #expect(mkfifo(folder + "/pipe", 0o600) == 0)
        let failure = try #require(throws: Failure.self) { try FileSystem.read(folder + "/pipe") }
        #expect(failure.kind == .inputOutput && failure.found == "a pipe")
    }
}
