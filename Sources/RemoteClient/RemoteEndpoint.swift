// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Wire

/// An address that requests go to, and the idle connections to it.
final class RemoteEndpoint: Sendable {
    /// `http` or `https`.
    let scheme: String
    let host: String
    let port: Int
    /// The address's own path.
    private let basePath: String
    private let settings: RemoteClient.Settings

    private struct Idle: @unchecked Sendable {
        // In here a connection belongs to nobody; whoever takes it has it alone.
        var connections: [HTTPConnection] = []
    }

    private let idle = Mutex(Idle())

    /// Nil for an address without host, or of another scheme.
    init?(_ url: URL, settings: RemoteClient.Settings) {
        guard let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https", let host = url.host, !host.isEmpty
        else {
            return nil
        }
        self.scheme = scheme
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
        basePath = url.path(percentEncoded: true)
        self.settings = settings
    }

    /// An operation's path below the address's own.
    func path(_ path: String) -> String {
        if path == "/" { return basePath.isEmpty ? "/" : basePath }
        return (basePath.hasSuffix("/") ? String(basePath.dropLast()) : basePath) + path
    }

    /// `127.0.0.1:4566`, without the scheme's own port.
    var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? shown : "\(shown):\(port)"
    }

    /// The whole address of a request, as messages show it.
    func url(of request: HTTPRequestParts) -> String { "\(scheme)://\(authority)\(request.target)" }

    /// Sends a signed request and reads the head of its answer; the body is read from the connection as it is asked for.
    ///
    /// - Throws: `RemoteError` with the request's address.
    func exchange(_ request: HTTPRequestParts) async throws -> HTTPResponseParts {
        let url = url(of: request)
        do {
            while let connection = take() {
                do {
                    return try await exchange(request, over: connection, url)
                } catch RemoteError.closed where request.body.map(\.isRepeatable) ?? true {
                    // It was closed while it was idle.
                }
            }
            let fresh = try await BlockingWork.run { [self] in Box(try connect()) }
            return try await exchange(request, over: fresh, url)
        } catch let error as RemoteError {
            throw error.at(url)
        }
    }

    /// A connection on its way from one thread to the next.
    private struct Box: @unchecked Sendable {
        let connection: HTTPConnection
        init(_ connection: HTTPConnection) { self.connection = connection }
    }

    private func connect() throws(RemoteError) -> HTTPConnection {
        let socket = try SocketTransport(
            host: host, port: port, connectTimeoutSeconds: settings.connectTimeoutSeconds,
            readTimeoutSeconds: settings.readTimeoutSeconds)
        if scheme == "http" { return HTTPConnection(socket) }
        let trust = TLSTransport.Trust(verifies: settings.verifiesCertificates, authorities: settings.certificateFile)
        return HTTPConnection(try TLSTransport(socket, host: host, trust: trust))
    }

    private func exchange(_ request: HTTPRequestParts, over box: Box, _ url: String) async throws -> HTTPResponseParts {
        var head = "\(request.method) \(request.target) HTTP/1.1\r\n"
        for field in request.headers { head += "\(field.name): \(field.value.filter { !$0.isNewline })\r\n" }
        let start = Array((head + "\r\n").utf8)
        if case .stream? = request.body?.source {
            try await BlockingWork.run { try box.connection.write(start) }
            try await request.body?.forEachPiece { piece in
                let bytes = copy piece
                try await BlockingWork.run { try box.connection.write(bytes) }
            }
        } else {
            try await BlockingWork.run {
                try box.connection.write(start)
                try request.body?.writeAll { piece in try box.connection.write(piece) }
            }
        }
        let answer = try await BlockingWork.run { try box.connection.readHead(of: request.method) }
        guard box.connection.hasBody else {
            put(box.connection)
            return HTTPResponseParts(status: answer.status, headers: answer.headers)
        }
        let length = answer.headers["Content-Length"].flatMap { Int($0) }
        let body = Body(length: length) { [self] in
            do {
                let piece = try await BlockingWork.run { try box.connection.readBody() }
                if !box.connection.hasBody { put(box.connection) }
                return piece
            } catch let error as RemoteError {
                throw error.at(url)
            }
        }
        return HTTPResponseParts(status: answer.status, headers: answer.headers, body: body)
    }

    private func take() -> Box? {
        idle.withLock { idle in idle.connections.popLast().map { Box($0) } }
    }

    private func put(_ connection: HTTPConnection) {
        guard connection.isReusable else { return }
        let box = Box(connection)
        idle.withLock { idle in
            if !idle.connections.contains(where: { $0 === box.connection }) { idle.connections.append(box.connection) }
        }
    }
}

extension Body {
    /// True for bytes that can be sent once more.
    var isRepeatable: Bool { if case .stream = source { false } else { true } }

    /// Hands over all bytes of a body that is no stream, without waiting for anything but the disk.
    func writeAll(_ write: ([UInt8]) throws -> Void) throws {
        switch source {
        case .bytes(let bytes): try write(bytes)
        case .file(let path, let offset, let length):
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(offset))
            var left = length
            while left > 0, let piece = try handle.read(upToCount: min(left, 1 << 20)), !piece.isEmpty {
                left -= piece.count
                try write([UInt8](piece))
            }
            if left > 0 { throw BodyTruncated(path: path, missingByteCount: left) }
        case .stream: break
        }
    }
}
