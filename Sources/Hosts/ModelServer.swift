// SPDX-License-Identifier: Apache-2.0

import Algorithm
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The container's side of an endpoint: `GET /ping` and `POST /invocations` on the loopback interface.
final class ModelServer: Sendable {
    private let predictor: any Predictor
    private let group: MultiThreadedEventLoopGroup
    private let lastUse: Mutex<ContinuousClock.Instant>
    private let activeCount = Atomic<Int>(0)
    /// The largest request that is read; the service refuses larger ones before they come here.
    private static let maximumBodyByteCount = 128 << 20

    init(predictor: any Predictor, threadCount: Int) {
        self.predictor = predictor
        group = MultiThreadedEventLoopGroup(numberOfThreads: threadCount)
        lastUse = Mutex(.now)
    }

    /// Starts to listen; gives the address as `host:port`.
    func start() async throws -> String {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(InvocationHandler(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return "127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    /// Returns once no request has come for `seconds`.
    func waitUntilIdle(forSeconds seconds: Double) async throws {
        while true {
            let idle = lastUse.withLock { ContinuousClock.now - $0 }
            let left = Duration.seconds(seconds) - idle
            if left <= .zero, activeCount.load(ordering: .relaxed) == 0 { return }
            try await Task.sleep(for: max(left, .milliseconds(100)))
        }
    }

    func stop() async throws {
        try await group.shutdownGracefully()
    }

    /// Answers one request; runs on the connection's event loop.
    fileprivate func answer(_ head: HTTPRequestHead, body: [UInt8]) -> (HTTPResponseStatus, contentType: String, body: [UInt8]) {
        activeCount.add(1, ordering: .relaxed)
        defer {
            activeCount.subtract(1, ordering: .relaxed)
            lastUse.withLock { $0 = .now }
        }
        switch (head.method, head.uri.split(separator: "?").first ?? "/") {
        case (.GET, "/ping"): return (.ok, "text/plain", [])
        case (.POST, "/invocations"):
            let request = InferenceRequest(
                body: body, contentType: head.headers.first(name: "content-type"), accept: head.headers.first(name: "accept"))
            do {
                let response = try predictor.predict(request)
                return (.ok, response.contentType, response.body)
            } catch let error as InferenceError {
                return (HTTPResponseStatus(statusCode: error.httpStatus), "text/plain", Array(error.message.utf8))
            } catch {
                return (.internalServerError, "text/plain", Array("\(error)".utf8))
            }
        default:
            return (
                .notFound, "text/plain",
                Array("There is \(head.method) \(head.uri) nowhere here: GET /ping, POST /invocations.".utf8)
            )
        }
    }

    /// One connection: collects a request, answers it, keeps the connection where the client does.
    private final class InvocationHandler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: ModelServer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []
        private var isTooLarge = false

        init(server: ModelServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body.removeAll(keepingCapacity: true)
                isTooLarge = false
                if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                    let interim = HTTPResponseHead(version: head.version, status: .continue)
                    context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
                }
            case .body(let buffer):
                guard body.count + buffer.readableBytes <= ModelServer.maximumBodyByteCount else {
                    isTooLarge = true
                    return
                }
                body.append(contentsOf: buffer.readableBytesView)
            case .end:
                guard let head else { return }
                let (status, contentType, bytes) =
                    isTooLarge ? (.payloadTooLarge, "text/plain", []) : server.answer(head, body: body)
                respond(context, head, status, contentType, bytes)
            }
        }

        private func respond(
            _ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ status: HTTPResponseStatus, _ contentType: String,
            _ bytes: [UInt8]
        ) {
            let headers: HTTPHeaders = ["content-type": contentType, "content-length": String(bytes.count)]
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))), promise: nil)
            if !bytes.isEmpty {
                context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
            }
            if head.isKeepAlive {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            } else {
                let channel = context.channel
                context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
