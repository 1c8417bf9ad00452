// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Hosts

@Suite struct StreamForwarderTests {
    /// Answers each connection's bytes in capitals.
    private final class Shouting: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data)).uppercased()
            context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        }
    }

    /// Sends a text, and reads as many bytes back, while the connection stays open.
    private func ask(_ text: String, port: Int) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let bytes = Array(text.utf8)
        var sent = 0
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while answer.count < bytes.count {
            if sent < bytes.count {
                let end = min(sent + 65_536, bytes.count)
                let count = send(descriptor, Array(bytes[sent..<end]), end - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { break }
                sent += count
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    @Test func bytesGoThroughASocketOfTheFileSystemBothWaysWhileStreamsStayOpen() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { $0.pipeline.addHandler(Shouting()) }.bind(host: "127.0.0.1", port: 0).get()
        let path = "/tmp/forward-\(UUID().uuidString.prefix(8)).sock"
        defer { unlink(path) }
        let (inner, outer) = (StreamForwarder(), StreamForwarder())
        try await inner.start(fromSocket: path, to: .loopbackPort(server.localAddress?.port ?? 0))
        let port = try await outer.start(fromPort: 0, to: .unixSocket(path))
        let long = String(repeating: "many bytes ", count: 30_000)
        for text in ["hello", long, "again"] {
            let answer = await withCheckedContinuation { continuation in
                DispatchQueue.global().async { continuation.resume(returning: ask(text, port: port)) }
            }
            #expect(answer == text.uppercased())
        }
        try await outer.stop()
        try await inner.stop()
        try await group.shutdownGracefully()
    }
}
