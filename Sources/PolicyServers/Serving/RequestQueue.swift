import Basics
import Demonstrations
import Dispatch
import Foundation
import NIOCore
import NIOWebSocket
import Synchronization

/// One client, from its upgrade to its end.
final class ServedClient: Sendable {
    /// What a policy may remember of the episode that a client is in.
    struct Episode {
        let number: Int
        /// At its start.
        let first: Observation
        var recalled: [FrameReference] = []
        /// What was answered last, [T, A], and at which control step.
        var planned: (step: Int, actions: [Float])?

        /// What was planned when the actions now carried out began; nil at the start, and where a query in between was asked elsewhere.
        func planned(before moment: PolicyRequest.Moment, _ layout: WindowLayout) -> [Float]? {
            planned.flatMap { $0.step + layout.executedSteps == moment.step ? $0.actions : nil }
        }
    }

    private struct State {
        var waiting = 0
        var asked = 0
        /// Milliseconds from the last request's arrival to its answer's departure.
        var previousTotal: Double?
        var episode: Episode?
        var isWarned = false
        var isEnding = false
        var isGone = false
    }

    let number: Int
    let channel: any Channel
    private let state = Mutex(State())

    init(_ number: Int, _ channel: any Channel) { (self.number, self.channel) = (number, channel) }

    /// - Returns: how many requests it made before; nil where so many of them wait already.
    func enter(limit: Int) -> Int? {
        state.withLock { state in
            guard state.waiting < limit else { return nil }
            state.waiting += 1
            state.asked += 1
            return state.asked - 1
        }
    }

    func leave() { state.withLock { $0.waiting -= 1 } }

    var previousTotal: Double? {
        get { state.withLock(\.previousTotal) }
        set { state.withLock { $0.previousTotal = newValue } }
    }

    /// Looked at by the thread that answers alone.
    var episode: Episode? {
        get { state.withLock(\.episode) }
        set { state.withLock { $0.episode = newValue } }
    }

    /// Whether nothing is read of it or said to it any more.
    var isEnding: Bool { state.withLock(\.isEnding) }

    /// Its connection has ended: what it asked is not answered any more.
    var isGone: Bool {
        get { state.withLock(\.isGone) }
        set { state.withLock { $0.isGone = newValue } }
    }

    /// The connection ends with the client's own close frame, or soon. Called again it does nothing.
    /// - Parameter text: of one message before the close frame
    func sayGoodbye(_ text: String?, _ code: WebSocketErrorCode) {
        var content = ByteBuffer()
        content.write(webSocketErrorCode: code)
        end(text, content)
    }

    /// - Parameter content: of the close frame
    func end(_ text: String?, _ content: ByteBuffer) {
        let isFirst = state.withLock { state in
            defer { state.isEnding = true }
            return !state.isEnding
        }
        guard isFirst else { return }
        if let text { channel.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)), promise: nil) }
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, data: content), promise: nil)
        // Closed at once, what the client has sent meanwhile would make its system forget our words.
        let channel = channel
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    /// True once.
    func warns() -> Bool {
        state.withLock { state in
            defer { state.isWarned = true }
            return !state.isWarned
        }
    }
}

/// Requests that wait for their answers, in the order in which they came.
final class RequestQueue: Sendable {
    struct Waiting: Sendable {
        let client: ServedClient
        let request: PolicyRequest
        /// Requests of the client before it.
        let index: Int
        let arrived: DispatchTime
    }

    private let waiting = Mutex<[Waiting]>([])
    private let arrival = DispatchSemaphore(value: 0)

    func add(_ request: Waiting) {
        waiting.withLock { if !request.client.isGone { $0.append(request) } }
        arrival.signal()
    }

    /// Forgets what a client asked that has gone: nobody else waits for its answers, and clients that come and go cost nothing.
    func forget(_ client: ServedClient) {
        client.isGone = true
        waiting.withLock { $0.removeAll { $0.client.number == client.number } }
    }

    var count: Int { waiting.withLock(\.count) }

    /// The oldest requests, one of each client: what a client asks next may build on what it was answered.
    /// - Returns: none where nothing came within `seconds`
    func take(atMost count: Int, within seconds: Double) -> [Waiting] {
        let ready = take(atMost: count)
        if !ready.isEmpty { return ready }
        _ = arrival.wait(timeout: .now() + seconds)
        return take(atMost: count)
    }

    private func take(atMost count: Int) -> [Waiting] {
        waiting.withLock { waiting in
            var taken: [Waiting] = [], left: [Waiting] = [], clients: Set<Int> = []
            for request in waiting {
                if taken.count < count, clients.insert(request.client.number).inserted { taken.append(request) } else { left.append(request) }
            }
            waiting = left
            return taken
        }
    }
}

/// Times in bins that each are a twentieth longer than the one before: quantiles of any number of them in a few kilobytes.
struct TimeHistogram: Sendable {
    private var bins = [Int](repeating: 0, count: 480)
    private(set) var count = 0
    /// Milliseconds of the first bin's end, and how much longer each next one is.
    private static let first = 1e-3, ratio = 1.05

    mutating func add(milliseconds: Double) {
        let bin = milliseconds > Self.first ? Int((log(milliseconds / Self.first) / log(Self.ratio)).rounded(.up)) : 0
        bins[min(max(bin, 0), bins.count - 1)] += 1
        count += 1
    }

    /// The end of the bin that it lies in; nil without times.
    func quantile(_ share: Double) -> Double? {
        var left = share * Double(count)
        for (bin, count) in bins.enumerated() where count > 0 {
            left -= Double(count)
            if left <= 0 { return Self.first * pow(Self.ratio, Double(bin)) }
        }
        return nil
    }
}
