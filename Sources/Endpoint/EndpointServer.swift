// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import Wire

/// An HTTP endpoint that real clients can't tell from the services': every service on one port.
public struct EndpointServer: Sendable {
    /// What answers.
    public let backend: any EndpointBackend
    /// The address to listen on.
    public let host: String
    /// The port to listen on; 0 takes a free one.
    public let port: Int
    /// The region of requests that do not say theirs (unsigned ones).
    public let defaultRegion: String
    /// Whether requests without a signature may change anything, where a bucket's policy or list lets them.
    public let allowsAnonymousWrites: Bool
    /// What is shown to clients over TLS; nil for plain HTTP.
    public let certificate: ServerCertificate?
    /// Is told of each request; nil for nobody.
    public let accessLog: (@Sendable (AccessLogEntry) -> Void)?

    /// A server; nothing listens before `run`.
    public init(
        backend: any EndpointBackend, host: String = "127.0.0.1", port: Int, defaultRegion: String = "us-east-1",
        allowsAnonymousWrites: Bool = true, certificate: ServerCertificate? = nil,
        accessLog: (@Sendable (AccessLogEntry) -> Void)? = nil
    ) {
        self.backend = backend
        self.host = host
        self.port = port
        self.defaultRegion = defaultRegion
        self.allowsAnonymousWrites = allowsAnonymousWrites
        self.certificate = certificate
        self.accessLog = accessLog
    }

    /// Serves until the task is cancelled or, where wanted, SIGTERM or SIGINT comes; requests in progress are finished first.
    ///
    /// - Parameter onListening: Called with the port once connections are accepted.
    public func run(
        handlesSignals: Bool = true, onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws {
        var logger = Logger(label: "sagebrush.endpoint")
        logger.logLevel = .critical
        let plain = HTTPServerBuilder.http1(configuration: .init(additionalChannelHandlers: [ContinueInstaller()]))
        let application = Application(
            responder: EndpointResponder(
                backend: backend, defaultRegion: defaultRegion, allowsAnonymousWrites: allowsAnonymousWrites, accessLog: accessLog),
            server: try certificate.map { try .tls(plain, tlsConfiguration: $0.configuration) } ?? plain,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 1024),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) }, logger: logger)
        if handlesSignals {
            try await application.runService()
        } else {
            try await application.runService(gracefulShutdownSignals: [])
        }
    }
}
