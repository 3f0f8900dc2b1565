import Basics
import Configuration
import Foundation
import Testing
import TestSupport

@testable import PolicyServers

/// The group as it stands in an experiment's file.
private struct Audit: ConfigurationRoot {
    var served = ServedPolicySettings()

    static let name = "audit"
    static let smallest = "at least the key served"
    static let overrideExample = "served.stochastic=false"
    static let profileExample = "served.stochastic: false"
    static var fields: [SettingsField<Audit>] { [SettingsField("keys", \.served.keys), SettingsField(group: "served", \.served)] }
}

@Suite struct ServedPolicySettingsTests {
    private func read(_ text: String, overrides: [String] = []) throws -> ServedPolicySettings {
        let path = try SharedData.temporaryFolder() + "/audit.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try ConfigurationFile<Audit>.load(path, overrides: overrides).settings.served
    }

    @Test func `every key is read, and what is written out reads back`() throws {
        let settings = try read(
            """
            keys: {observation/image: agentview_image, "observation/state": [robot0_eef_pos, robot0_eef_quat]}
            served:
              history: steps
              images: chw
              prompt: lift the cube
              seed_key: seed
              first_action: first_observed
              stochastic: false
              connection: {request_timeout: 30, retries: 1}
            """)
        #expect(settings.keys.sent == [.init("observation/image", ["agentview_image"]), .init("observation/state", ["robot0_eef_pos", "robot0_eef_quat"])])
        #expect((settings.history, settings.images, settings.firstAction, settings.stochastic) == (.steps, .chw, .firstObserved, false))
        #expect(settings.connection.requestTimeout == 30 && settings.connection.connectTimeout == 10 && settings.prompt == "lift the cube")
        var audit = Audit()
        for value in [settings, ServedPolicySettings()] {
            audit.served = value
            #expect(try read(audit.resolvedYAML()) == value && read(audit.resolvedJSON()) == value)
        }
    }

    @Test func `an override replaces the map of keys`() throws {
        #expect(try read("served: {}", overrides: ["keys={state: eef_pos}"]).keys.sent == [.init("state", ["eef_pos"])])
    }

    @Test(arguments: [
        ("served: {key: {}}", "unknown key"), ("keys: [a]", "mapping of the server's names"), ("keys: {a: []}", "list of low-dim keys"),
        ("keys: {a: {b: c}}", "text"), ("served: {first_action: now}", "first_observed"), ("{keys: {seed: eef}, served: {seed_key: seed}}", "seed_key"),
        ("{keys: {prompt: eef}, served: {prompt: lift}}", "prompt_key"), ("served: {connection: {retries: -1}}", "0 to 100"), ("served: {prompt: x, seed_key: prompt}", "seed_key"),
    ])
    func `what cannot be meant is an error that says so`(text: String, word: String) throws {
        let failure = try #require(throws: Failure.self) { try read(text) }
        #expect(failure.kind == .data && "\(failure)".contains(word) && failure.location?.contains("audit.yaml:1") == true, "\(failure)")
    }

    @Test func `an address is host, port and path`() throws {
        let plain = try ServerAddress("ws://127.0.0.1:8000"), full = try ServerAddress("WS://[::1]:81/policy/a%20b?x=1")
        #expect((plain.host, plain.port, plain.path, "\(plain)") == ("127.0.0.1", 8000, "/", "ws://127.0.0.1:8000"))
        #expect((full.host, full.port, full.path, full.authority) == ("::1", 81, "/policy/a%20b?x=1", "[::1]:81"))
        #expect(try ServerAddress("ws://robot").port == 8000)
        #expect(ServerAddress.isMeant(by: "wss://x") && !ServerAddress.isMeant(by: "results/run") && !ServerAddress.isMeant(by: "ws"))
    }

    @Test(arguments: [
        ("wss://host:1", "without encryption"), ("http://host", "speaks websocket"), ("ws://", "names no host"), ("ws://host:99999", "out of range"),
        ("ws://me:secret@host", "password"), ("results/run", "no address"), ("ws://ho st", "no address"), ("", "no address"), ("ws://host:x", "no address"),
    ])
    func `other addresses are refused with what to write`(text: String, word: String) throws {
        let failure = try #require(throws: Failure.self) { try ServerAddress(text) }
        #expect(failure.kind == .usage && failure.what.contains(word) && failure.remedy != nil, "\(failure)")
    }
}
