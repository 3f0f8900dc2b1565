import Basics
import Demonstrations
import Dispatch
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Policies

/// A server of openpi's websocket protocol: it offers one policy to clients on this machine or a network that its user trusts.
///
/// The network has a thread of its own, which reads, checks, answers pings and /healthz; the thread that calls `serve` asks the policy.
/// Requests that wait are answered together, one of each client: an answer does not depend on what is asked beside it.
public final class PolicyServer {
    /// With the port that was given or found.
    public let address: ServerAddress
    let desk: ServingDesk
    private let listener: any Channel
    private let group: MultiThreadedEventLoopGroup
    private var times = ServingTimes()

    /// Listens.
    /// - Parameters:
    ///   - port: 0 for any that is free
    ///   - log: told who comes and goes, and what could not be answered, in a line
    ///   - warn: told what a user should know of an observation that was answered all the same
    /// - Throws: `Failure` (`cannotCreate`) where the address cannot be listened at.
    public init(
        _ service: PolicyService, host: String, port: Int, limits: ServerLimits = ServerLimits(), log: @escaping @Sendable (String) -> Void = { _ in },
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let desk = ServingDesk(service, limits, log: log, warn: warn), group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            listener = try ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    guard desk.connects(channel) else { return channel.close() }
                    return channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, desk) }
                }
                .bind(host: host, port: port).wait()
            guard let port = listener.localAddress?.port else { throw ChannelError.unknownLocalAddress }
            address = try ServerAddress("ws://\(host.contains(":") ? "[\(host)]" : host):\(port)")
        } catch {
            group.shutdownGracefully { _ in }
            throw Self.failure(error, host, port)
        }
        (self.desk, self.group) = (desk, group)
    }

    private static func failure(_ error: any Error, _ host: String, _ port: Int) -> Failure {
        if let failure = error as? Failure { return failure }
        let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
        return Failure(
            .cannotCreate, isTaken ? "another program listens there" : "the server cannot listen there", at: "\(host):\(port)",
            expected: "a free port and an address of this machine", found: MessageText.line("\(error)", limit: 200),
            remedy: isTaken ? "choose another with --port, or --port 0 for any that is free" : "correct --host and --port")
    }

    private static func prepare(_ channel: any Channel, _ desk: ServingDesk) throws {
        let greeting = GreetingHandler(desk)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: desk.requestBytes, automaticErrorHandling: false,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(desk.admits(channel) ? [:] : nil) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        MaskedFrames(),
                        // Clients cut messages into pieces; very many very small ones are no message but an attack.
                        NIOWebSocketFrameAggregator(minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1 << 12, maxAccumulatedFrameSize: desk.requestBytes),
                        IdleStateHandler(readTimeout: .nanoseconds(Int64(desk.limits.silence * 1e9))),
                        ServingHandler(desk, desk.welcome(channel)),
                    ])
                }
            })
        let bound = NIOLoopBound(greeting, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: ([upgrader], { context in context.pipeline.syncOperations.removeHandler(bound.value, promise: nil) }))
        try channel.pipeline.syncOperations.addHandler(greeting)
    }

    /// Answers until the user wants to stop, then says goodbye to those who are there.
    /// - Returns: how long answers took.
    public func serve(until isStopped: () -> Bool) -> ServingTimes {
        while !isStopped() {
            let requests = desk.queue.take(atMost: desk.limits.batch, within: 0.1)
            if !requests.isEmpty { answer(requests) }
        }
        close()
        return times
    }

    /// Ends all connections, and listens no longer.
    ///
    /// Waits until those that are there have heard so, two seconds at most: the end of the process would take the words from them.
    public func close() {
        let left = DispatchGroup()
        for client in desk.shut() {
            left.enter()
            client.channel.closeFuture.whenComplete { _ in left.leave() }
            client.sayGoodbye(nil, .goingAway)
        }
        listener.close(promise: nil)
        _ = left.wait(timeout: .now() + 2)
        group.shutdownGracefully { _ in }
    }

    /// A request that can be asked: with what its episode remembers.
    private struct Asked {
        let waiting: RequestQueue.Waiting
        let observation: Observation
        let seed: Seed
    }

    private func answer(_ requests: [RequestQueue.Waiting]) {
        var asked: [Asked] = []
        for waiting in requests {
            do throws(RequestProblem) { asked.append(try prepare(waiting)) } catch { refuse(waiting, error.text) }
        }
        let start = DispatchTime.now()
        do { try answer(asked, since: start) } catch {
            // One that cannot be answered takes none of the others with it.
            for one in asked {
                do { try answer([one], since: DispatchTime.now()) } catch {
                    let failure = error as? Failure
                    desk.log("client \(one.waiting.client.number): \(failure.map { "\($0)" } ?? "\(error)")")
                    refuse(one.waiting, "the policy cannot answer this observation\(failure.map { ": \($0.what)" } ?? "")")
                }
            }
        }
    }

    private func refuse(_ waiting: RequestQueue.Waiting, _ text: String) {
        waiting.client.leave()
        desk.log("client \(waiting.client.number): \(text)")
        waiting.client.sayGoodbye(text, .unexpectedServerError)
    }

    /// The observation in its episode, and the seed of what is drawn for it.
    private func prepare(_ waiting: RequestQueue.Waiting) throws(RequestProblem) -> Asked {
        let service = desk.service, client = waiting.client, request = waiting.request
        let own = request.seed.map { Seed(UInt64($0)) }
        guard let moment = request.moment else {
            if service.policy.remembersEpisode {
                throw RequestProblem("this policy remembers its episode: send episode, its number, and step, the control steps since its start")
            }
            return Asked(waiting: waiting, observation: request.observation, seed: own ?? service.root / "client" / client.number / waiting.index)
        }
        if moment.step == 0 || client.episode?.number != moment.episode {
            if moment.step > 0, service.policy.remembersEpisode {
                throw RequestProblem("step \(moment.step) of episode \(moment.episode), whose start this connection has not seen: ask at step 0 first")
            }
            client.episode = ServedClient.Episode(number: moment.episode, first: request.observation)
        }
        let seeds = service.episodes(moment.episode), episode = client.episode
        if let episode, episode.recalled.count >= desk.limits.queriesPerEpisode {
            throw RequestProblem("an episode of more than \(desk.limits.queriesPerEpisode) queries, all of which this policy remembers")
        }
        var observation = request.observation
        observation.episode = EpisodeMemory(
            step: moment.step, start: moment.step == 0 ? nil : episode?.first, recalled: moment.step == 0 ? [] : episode?.recalled ?? [],
            seed: seeds.scene, state: [])
        return Asked(waiting: waiting, observation: observation, seed: own ?? seeds.sampling / moment.step)
    }

    private func answer(_ asked: [Asked], since start: DispatchTime) throws {
        guard !asked.isEmpty else { return }
        let service = desk.service, answers = try service.policy.predict(asked.map(\.observation), samples: 1, seeds: asked.map(\.seed)).map { $0[0] }
        if let place = answers.firstIndex(where: { !$0.actions.allSatisfy(\.isFinite) }) {
            throw Failure(.defect, "its actions are not finite", at: "client \(asked[place].waiting.client.number)")
        }
        let answered = DispatchTime.now(), inference = answered.milliseconds(since: start)
        let recalled = try service.recall.map { recall in try answers.contains { $0.match == nil } ? recall(answers.map(\.actions)) : [] } ?? []
        let scores = try service.monitors?.scores(zip(asked, answers).map { one, answer in
            let before = one.waiting.request.moment.flatMap { moment in one.waiting.client.episode?.planned(before: moment, service.layout) }
            return PolicyService.Monitors.Moment(observation: one.observation, planned: answer.actions, before: before, seed: one.seed / "monitors")
        }) ?? []
        let judging = DispatchTime.now().milliseconds(since: answered), isJudged = service.monitors != nil || service.recall != nil
        for (place, (one, answer)) in zip(asked, answers).enumerated() {
            let client = one.waiting.client, waited = start.milliseconds(since: one.waiting.arrived)
            if let moment = one.waiting.request.moment {
                if let match = answer.match, service.policy.remembersEpisode { client.episode?.recalled.append(match.frame) }
                client.episode?.planned = (moment.step, answer.actions)
            }
            var timing = [("infer_ms", inference), ("queue_ms", waited), ("batch", Double(asked.count))]
            if isJudged { timing.append(("monitors_ms", judging)) }
            if let total = client.previousTotal { timing.append(("prev_total_ms", total)) }
            let reply = reply(answer, recalled.isEmpty ? nil : recalled[place], scores.map { ($0.monitor, $0.score[place]) }, timing, isRepeated: one.waiting.request.isRepeated)
            // Before it leaves, so that a client which asks at once finds a place.
            client.leave()
            guard !client.isEnding else { continue }
            let arrived = one.waiting.arrived
            client.channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: reply.encoded())))
                .whenSuccess { client.previousTotal = DispatchTime.now().milliseconds(since: arrived) }
            times.add(inference: inference, total: DispatchTime.now().milliseconds(since: arrived), others: waited + judging)
        }
    }

    private func reply(
        _ answer: Prediction, _ nearest: FrameReference?, _ scores: [(monitor: String, score: Double)], _ timing: [(String, Double)], isRepeated: Bool
    ) -> MessagePackValue {
        let layout = desk.service.layout, width = desk.service.actionDimension
        precondition(answer.actions.count == layout.horizon * width, "\(answer.actions.count) values for \(layout.horizon) actions of \(width)")
        var entries: [(key: String, value: MessagePackValue)] = [
            ("actions", NumpyArray(answer.actions, shape: [layout.horizon, width]).value), ("server_timing", .named(timing.map { ($0, .double($1)) })),
        ]
        if let frame = answer.match?.frame ?? nearest {
            let names = desk.service.demonstrations, known = names.indices.contains(frame.demonstration)
            entries.append(("recalled", .named(
                [("demonstration", known ? .string(names[frame.demonstration]) : .null), ("frame", .integer(Int64(frame.frame)))]
                    + (answer.match.map { [("similarity", .double($0.similarity))] } ?? []))))
        }
        if let flag = answer.isOutOfDistribution { entries.append(("out_of_distribution", .bool(flag))) }
        if !scores.isEmpty { entries.append(("monitors", .named(scores.map { ($0.monitor, .double($0.score)) }))) }
        if isRepeated { entries.append(("repeated_step", .bool(true))) }
        return .named(entries)
    }
}

/// How long answers took.
public struct ServingTimes: Sendable {
    /// The policy's own time, shared by those that were answered together.
    private(set) var inference = TimeHistogram()
    /// From arrival to departure, less the policy's time, the monitors' and the wait for those before.
    private(set) var added = TimeHistogram()

    mutating func add(inference own: Double, total: Double, others: Double) {
        inference.add(milliseconds: own)
        added.add(milliseconds: total - own - others)
    }

    /// "10 answers; the policy took 12.1 ms (p50) and 14.9 ms (p99), the server 0.1 ms and 0.2 ms".
    public var line: String {
        func text(_ times: TimeHistogram) -> String {
            [0.5, 0.99].map { share in times.quantile(share).map { "\(SignificantDigits.shortened($0, digits: 2)) ms" } ?? "-" }.joined(separator: " and ")
        }
        guard inference.count > 0 else { return "no answers" }
        return "\(inference.count) answers; half of them and 99 % within \(text(inference)) of the policy, and \(text(added)) more of the server"
    }
}

/// A client's frame without a mask.
struct UnmaskedFrame: Error {}

/// RFC 6455, section 5.1: a server reads no frame of a client that is not masked.
private final class MaskedFrames: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard unwrapInboundIn(data).maskKey != nil else { return context.fireErrorCaught(UnmaskedFrame()) }
        context.fireChannelRead(data)
    }
}

extension DispatchTime {
    fileprivate func milliseconds(since start: DispatchTime) -> Double {
        Double(uptimeNanoseconds) / 1e6 - Double(start.uptimeNanoseconds) / 1e6
    }
}
