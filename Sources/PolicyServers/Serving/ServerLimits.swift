/// What clients may take of a server.
public struct ServerLimits: Sendable {
    /// Connections that speak websocket at a time.
    public var clients = 32
    /// Requests that are answered by one pass through the policy.
    public var batch = 32
    /// Requests of one client that wait for their answers.
    public var waitingPerClient = 4
    /// Bytes of one request; nil for four times what the observation takes, and one MiB.
    public var requestBytes: Int?
    /// Queries of one episode, of a policy that remembers them.
    var queriesPerEpisode = 100_000
    /// Seconds until a connection must have asked for something over HTTP.
    var greeting = 10.0
    /// Seconds without a byte after which a client is pinged; after three times as long it is gone.
    var silence = 20.0

    public init() {}

    func requestBytes(_ service: PolicyService) -> Int { requestBytes ?? (4 * service.observationBytes + (1 << 20)) }

    /// What clients can take at most at any time: requests that wait, one that arrives, as bytes and as values, and the start of the episode.
    func memoryBytes(_ service: PolicyService) -> Int { clients * (waitingPerClient + 3) * requestBytes(service) }
}
