import Basics
import Foundation
import Testing
import TestSupport

@testable import PolicyServers

/// The client that openpi's users have, unmodified from PyPI.
@Suite struct OpenpiClientTests {
    /// Python with `openpi-client`: `ALT_OPENPI_PYTHON`, a simulator's environment, or python3 where it has it.
    private static let python: ExternalProgram? = {
        let own = ["robosuite", "metaworld"].map { "\(SharedData.root)/datasets/\($0)/venv/bin/python" }
        let names = [ProcessInfo.processInfo.environment["ALT_OPENPI_PYTHON"]].compactMap { $0 } + own + ["python3"]
        return names.lazy.compactMap { ExternalProgram($0) }.first {
            (try? $0.run(["-c", "import openpi_client.websocket_client_policy, numpy"]))?.status == 0
        }
    }()

    /// Asks three times, then for what cannot be answered; prints what it saw.
    private static let script = """
        import json, sys, numpy as np
        from openpi_client.websocket_client_policy import WebsocketClientPolicy
        client = WebsocketClientPolicy("127.0.0.1", int(sys.argv[1]))
        observation = {"front_image": np.arange(45, dtype=np.uint8).reshape(3, 5, 3), "pose": np.array([1.0, 2.0]), "gripper": [np.float32(0.5)]}
        replies = [client.infer(observation) for _ in range(3)]
        try:
            client.infer({"pose": np.zeros(2)})
            said = "nothing"
        except Exception as error:
            said = str(error)
        print(json.dumps({
            "metadata": {k: v for k, v in client.get_server_metadata().items() if isinstance(v, (str, int, bool))},
            "actions": [reply["actions"].tolist() for reply in replies], "dtype": str(replies[0]["actions"].dtype),
            "writable": bool(replies[0]["actions"].flags.writeable), "timing": [sorted(reply["server_timing"]) for reply in replies], "said": said}))
        """

    private struct Seen: Decodable {
        let actions: [[[Float]]], dtype: String, timing: [[String]], said: String
    }

    @Test(.enabled(if: python != nil, "needs Python with openpi-client: make test-simulators installs it, or set ALT_OPENPI_PYTHON"))
    func `openpi's own client is answered, and raises what the server says`() throws {
        let server = try RunningServer()
        defer { server.stop() }
        let result = try #require(Self.python).run(["-c", Self.script, "\(server.address.port)"])
        try #require(result.status == 0, "\(result.error)")
        let seen = try JSONDecoder().decode(Seen.self, from: Data(result.output.utf8))
        // 0 + 1 + ... + 44 of the pixels, 3.5 of the values, and a thousand times the first.
        let first: Float = 990 + 3.5 + 1000
        #expect(seen.actions == [[[Float]]](repeating: (0..<4).map { [first + Float(2 * $0), first + Float(2 * $0 + 1)] }, count: 3) && seen.dtype == "float32")
        #expect(seen.timing[0] == ["batch", "infer_ms", "queue_ms"] && seen.timing[1] == ["batch", "infer_ms", "prev_total_ms", "queue_ms"])
        #expect(seen.said.contains("the observation lacks front_image; it has pose"), "\(seen.said)")
    }
}
