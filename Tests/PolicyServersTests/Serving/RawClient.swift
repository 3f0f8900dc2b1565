import Foundation
import NIOWebSocket
import Testing

@testable import PolicyServers

/// A client below the protocol: it can send what no client should.
final class RawClient {
    private let descriptor: Int32
    private var received: [UInt8] = []

    struct Frame: Equatable {
        let opcode: UInt8
        let content: [UInt8]

        var text: String { String(decoding: content, as: UTF8.self) }
        /// Of a close frame.
        var code: Int? { opcode == 8 && content.count >= 2 ? Int(content[0]) << 8 | Int(content[1]) : nil }
    }

    /// - Parameter upgrades: whether it asks for websocket and reads the metadata
    init(_ address: ServerAddress, upgrades: Bool = true) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        (place.sin_family, place.sin_port, place.sin_addr.s_addr) = (UInt16(AF_INET), UInt16(address.port).bigEndian, UInt32(0x7f00_0001).bigEndian)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &place) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) } }
        try #require(status == 0, "errno \(errno)")
        guard upgrades else { return }
        send(Self.upgrade)
        try #require(head()?.hasPrefix("HTTP/1.1 101") == true)
        try #require(frame()?.opcode == 2)
    }

    deinit { close(descriptor) }

    static let upgrade = """
        GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n
        """

    func send(_ text: String) { send(Array(text.utf8)) }

    /// As much as the other side takes.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// A frame as a client sends it.
    /// - Parameters:
    ///   - claimed: length in its head; nil for the true one
    func send(frame opcode: UInt8, _ content: [UInt8], fin: Bool = true, masked: Bool = true, claimed: Int? = nil) {
        let length = claimed ?? content.count, mask: UInt8 = masked ? 0x80 : 0
        var bytes: [UInt8] = [(fin ? 0x80 : 0) | opcode]
        switch length {
        case ..<126: bytes.append(mask | UInt8(length))
        case ..<65_536: bytes += [mask | 126, UInt8(length >> 8), UInt8(length & 255)]
        default: bytes += [mask | 127] + (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        }
        let key: [UInt8] = [0x5a, 0x01, 0xff, 0x30]
        send(bytes + (masked ? key + content.enumerated().map { $1 ^ key[$0 & 3] } : content))
    }

    func send(_ value: MessagePackValue) { send(frame: 2, value.encoded()) }

    /// The next frame; nil where the connection ends or `seconds` pass.
    func frame(within seconds: Double = 10) -> Frame? {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            if let frame = parsed() { return frame }
            guard read(until: end) else { return nil }
        }
    }

    /// Frames until the connection ends.
    func frames(within seconds: Double = 10) -> [Frame] {
        var frames: [Frame] = []
        while let frame = frame(within: seconds) { frames.append(frame) }
        return frames
    }

    /// Up to the empty line of HTTP.
    func head(within seconds: Double = 10) -> String? {
        let end = Date(timeIntervalSinceNow: seconds), border = Array("\r\n\r\n".utf8)
        while true {
            if let place = received.indices.first(where: { received[$0...].starts(with: border) }) {
                defer { received.removeFirst(place + 4) }
                return String(decoding: received[..<place], as: UTF8.self)
            }
            guard read(until: end) else { return nil }
        }
    }

    /// All that is left.
    func rest(within seconds: Double = 10) -> String {
        let end = Date(timeIntervalSinceNow: seconds)
        while read(until: end) {}
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the other side has ended the connection within so long.
    func isEnded(within seconds: Double) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while read(until: end) {}
        return Date() < end
    }

    private func parsed() -> Frame? {
        guard received.count >= 2 else { return nil }
        var length = Int(received[1] & 127), start = 2
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        guard received.count >= 2 + extra else { return nil }
        if extra > 0 { length = received[2..<2 + extra].reduce(0) { $0 << 8 | Int($1) } }
        start += extra
        guard received.count >= start + length else { return nil }
        defer { received.removeFirst(start + length) }
        return Frame(opcode: received[0] & 15, content: Array(received[start..<start + length]))
    }

    /// - Returns: false at the end of the connection, or of the time
    private func read(until end: Date) -> Bool {
        let left = end.timeIntervalSinceNow
        guard left > 0 else { return false }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(left * 1000) + 1) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }
}
