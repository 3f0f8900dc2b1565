import Basics
import Foundation

/// The peer: a Python program for all libraries that stays alive, answers one line of JSON with one, and waits for input in between.
final class PeerProcess {
    /// Installed version by package; a package that is missing is absent.
    let versions: [String: String]
    private let process = Process()
    private let input = Pipe(), output = Pipe()
    private let location: String
    private var received = Data()

    struct Request: Encodable {
        let row: String
        /// By `PeerLibrary`'s raw value, as in answers.
        let libraries: [String]
        /// 0 prepares the row and measures nothing.
        let runs: Int
        let seconds: Double
        let file: String?
    }

    struct Answer: Decodable {
        /// By library, then variant.
        let variants: [String: [String: Double]]?
        /// The reason by library.
        let skipped: [String: String]?
        /// Why there is neither.
        let error: String?
    }

    private struct Greeting: Decodable { let versions: [String: String?] }

    /// - Throws: `Failure` (`inputMissing`) when there is no Python or no such script, `inputOutput` when it does not start.
    init(python: String, script: String, threads: Int) throws {
        location = "\(python) \(script)"
        guard let program = ExternalProgram(python) else {
            throw Failure(
                .inputMissing, "python is not installed, so no row can be compared", at: "--python \(python)",
                expected: "a Python 3 with " + PeerPackage.allCases.map(\.package).joined(separator: ", "),
                remedy: "install Python 3 (`apt-get install python3-venv`) and then the packages (`python3 -m venv peers; "
                    + "peers/bin/pip install \(PeerPackage.allCases.map(\.package).joined(separator: " "))`), and pass --python peers/bin/python")
        }
        guard FileManager.default.fileExists(atPath: script) else {
            throw Failure(
                .inputMissing, "the peer's program does not exist", at: "--peer \(script)",
                remedy: "run from the repository's folder, or name Tests/Fixtures/peers/torch_peer.py with --peer")
        }
        // A peer that ended must show as an error of the write, not end this process.
        signal(SIGPIPE, SIG_IGN)
        process.executableURL = URL(fileURLWithPath: program.path)
        process.arguments = [script, "--threads", "\(threads)"]
        process.standardInput = input
        process.standardOutput = output
        do { try process.run() } catch {
            throw Failure(.inputOutput, "the peer cannot be started", at: location, found: error.localizedDescription)
        }
        let greeting = try Self.decode(Greeting.self, Self.line(from: output, &received, location), location)
        versions = greeting.versions.compactMapValues { $0 }
    }

    deinit {
        // SIGTERM would not do: a child of a dispatch thread may have inherited it blocked. Nothing of the peer's is worth saving.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// - Throws: `Failure` (`inputOutput`) when the peer ends or answers something else than JSON.
    func ask(_ request: Request) throws -> Answer {
        do {
            try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
        } catch { throw Self.ended(location, error.localizedDescription) }
        return try Self.decode(Answer.self, Self.line(from: output, &received, location), location)
    }

    private static func line(from pipe: Pipe, _ received: inout Data, _ location: String) throws -> Data {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received = Data(received[(end + 1)...]) }
                return Data(received[..<end])
            }
            let piece = pipe.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw ended(location, "the end of its output") }
            received += piece
        }
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ line: Data, _ location: String) throws -> Value {
        do { return try JSONDecoder().decode(type, from: line) } catch {
            throw Failure(
                .inputOutput, "the peer's answer cannot be read", at: location, expected: "one line of JSON",
                found: String(decoding: line.prefix(200), as: UTF8.self))
        }
    }

    private static func ended(_ location: String, _ found: String) -> Failure {
        Failure(
            .inputOutput, "the peer ended", at: location, found: found,
            remedy: "run it with --row NAME to see why; a row of a million may need more memory")
    }
}
