import Basics
import Foundation

/// Where a policy is served: `ws://host:port[/path]`.
public struct ServerAddress: Equatable, Sendable, CustomStringConvertible {
    /// A name or an address; of an IPv6 address without its brackets.
    public let host: String
    public let port: Int
    /// With its query, "/" where the address has none.
    public let path: String

    /// openpi's own.
    public static let defaultPort = 8000

    /// Whether the text is meant as a server's address and not as a file's path.
    public static func isMeant(by text: String) -> Bool {
        ["ws://", "wss://", "http://", "https://"].contains { text.lowercased().hasPrefix($0) }
    }

    /// - Throws: `Failure` (`usage`) for anything but a plain ws address.
    public init(_ text: String) throws {
        func wrong(_ what: String, found: String, _ remedy: String) -> Failure {
            Failure(.usage, what, at: text, expected: "ws://host:port[/path]", found: found, remedy: remedy)
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), Self.isMeant(by: text) else {
            throw wrong("this is no address of a policy server", found: text, "write it as in ws://127.0.0.1:\(Self.defaultPort)")
        }
        guard scheme != "wss", scheme != "https" else {
            throw wrong(
                "policy servers are asked without encryption", found: scheme,
                "ask over ws:// on this machine or a network that you trust, or tunnel it: ssh -L 8000:localhost:8000 HOST")
        }
        guard scheme == "ws" else { throw wrong("a policy server speaks websocket", found: scheme, "write ws:// for \(scheme)://") }
        guard let host = parts.host, !host.isEmpty else {
            throw wrong("the address names no host", found: text, "write it as in ws://127.0.0.1:\(Self.defaultPort)")
        }
        guard parts.user == nil, parts.password == nil, parts.fragment == nil else {
            throw wrong("the address has a user, a password or a fragment", found: text, "leave it out: the protocol has no place for it")
        }
        let port = parts.port ?? Self.defaultPort
        guard (1...65_535).contains(port) else { throw wrong("the port is out of range", found: "\(port)", "ports go from 1 to 65535") }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        let path = parts.percentEncodedPath
        self.path = (path.isEmpty ? "/" : path) + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    /// `host:port`, for the request's header.
    var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    public var description: String { "ws://\(authority)\(path == "/" ? "" : path)" }
}
