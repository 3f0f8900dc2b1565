import Configuration

/// How patient a client is with a policy server.
public struct ConnectionSettings: Sendable, Equatable {
    /// Seconds until the server must have been reached and have published its metadata.
    public var connectTimeout = 10.0
    /// Seconds until a reply must be whole. Generous: the first question may make the server compile its network.
    public var requestTimeout = 120.0
    /// How often a question is asked again after its connection was lost or its time ran out.
    public var retries = 3
    /// Seconds before the first retry; doubled before each further one, up to half a minute.
    public var backoff = 0.5
    /// MiB that one message of the server may have.
    public var largestMessage = 256

    public init() {}

    var largestBytes: Int { largestMessage << 20 }
}

extension ConnectionSettings: SettingsGroup {
    public static var fields: [SettingsField<ConnectionSettings>] {
        [
            SettingsField("connect_timeout", \.connectTimeout, .within(0.1...3600)),
            SettingsField("request_timeout", \.requestTimeout, .within(0.1...86_400)),
            SettingsField("retries", \.retries, .within(0...100)),
            SettingsField("backoff", \.backoff, .within(0...600)),
            SettingsField("largest_message", \.largestMessage, .within(1...2048)),
        ]
    }
}
