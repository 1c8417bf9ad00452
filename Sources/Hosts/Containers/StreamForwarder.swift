// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Passes on what comes in on a port or socket to another, both ways.
final class StreamForwarder: Sendable {
    /// A place where a stream begins or ends.
    enum Place: Sendable {
        case unixSocket(String)
        case loopbackPort(Int)
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Listens at a port of the loopback interface; 0: a free one.
    ///
    /// - Returns: the port.
    /// - Throws: what the system says.
    func start(fromPort port: Int, to place: Place) async throws -> Int {
        let channel = try await bootstrap(to: place).bind(host: "127.0.0.1", port: port).get()
        return channel.localAddress?.port ?? 0
    }

    /// Listens at a socket in the file system.
    ///
    /// - Throws: what the system says.
    func start(fromSocket path: String, to place: Place) async throws {
        _ = try await bootstrap(to: place).bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    }

    /// Ends all streams.
    func stop() async throws { try await group.shutdownGracefully() }

    private func bootstrap(to place: Place) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                Self.connect(to: place, on: channel.eventLoop).flatMap { other in
                    let (first, second) = StreamEnd.pair()
                    return channel.pipeline.addHandler(first).and(other.pipeline.addHandler(second)).map { _ in }
                }
            }
    }

    private static func connect(to place: Place, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let client = ClientBootstrap(group: loop).channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
        switch place {
        case .unixSocket(let path): return client.connect(unixDomainSocketPath: path)
        case .loopbackPort(let port): return client.connect(host: "127.0.0.1", port: port)
        }
    }
}

/// One of the two ends of a stream that is passed on.
///
/// Both live on one event loop; an end reads when the other has written.
private final class StreamEnd: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    private var other: StreamEnd?
    private var context: ChannelHandlerContext?

    static func pair() -> (StreamEnd, StreamEnd) {
        let (first, second) = (StreamEnd(), StreamEnd())
        first.other = second
        second.other = first
        return (first, second)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { context.read() }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        other = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { other?.context?.write(data, promise: nil) }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard let peer = other?.context else { return context.close(promise: nil) }
        peer.flush()
        if peer.channel.isWritable { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { other?.context?.read() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            other?.context?.close(mode: .output, promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { other?.context?.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
