// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Why a host could not be asked, or gave no answer.
enum HostConnectionError: Error, Sendable, CustomStringConvertible {
    case badAddress(String)
    case system(action: String, address: String, errorNumber: Int32)
    /// The host closed the connection before its answer was complete.
    case closed(address: String, isBeforeAnswer: Bool)
    case notHTTP(address: String, line: String)

    var description: String {
        switch self {
        case .badAddress(let address): "\"\(address)\" is neither a socket's path nor host:port."
        case .system(let action, let address, let errorNumber):
            "\(action) \(address) failed: \(String(cString: strerror(errorNumber)))"
        case .closed(let address, _): "\(address) closed the connection before its answer was complete."
        case .notHTTP(let address, let line): "\(address) did not answer in HTTP/1.1 but with \"\(line.prefix(80))\"."
        }
    }
}

/// What a host answered.
struct HostResponse: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
}

/// A kept-alive HTTP/1.1 connection to a host on this machine: blocking, one request at a time.
///
/// A plain socket, because one-shot commands would pay for an event loop's start on every call.
final class HostConnection {
    private let descriptor: Int32
    private let address: String
    /// What has been read beyond the last answer's end.
    private var buffer: [UInt8] = []
    private(set) var isReusable = true

    /// Connects to a Unix socket's path (beginning with `/`) or to `host:port` with a numeric host.
    ///
    /// - Parameter timeoutInSeconds: how long a single read or write may take.
    /// - Throws: `HostConnectionError`.
    init(_ address: String, timeoutInSeconds: Int) throws {
        self.address = address
        let family = address.hasPrefix("/") ? AF_UNIX : AF_INET
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw HostConnectionError.system(action: "Opening a socket to", address: address, errorNumber: errno)
        }
        do {
            try family == AF_UNIX ? connectUnix() : connectInternet()
        } catch {
            close(descriptor)
            throw error
        }
        var timeout = timeval(tv_sec: timeoutInSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    private func connectUnix() throws {
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        let path = Array(address.utf8)
        guard path.count < MemoryLayout.size(ofValue: place.sun_path) else { throw HostConnectionError.badAddress(address) }
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: path) }
        try connect(&place)
    }

    private func connectInternet() throws {
        let parts = address.split(separator: ":")
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        guard parts.count == 2, let port = UInt16(parts[1]), inet_pton(AF_INET, String(parts[0]), &place.sin_addr) == 1 else {
            throw HostConnectionError.badAddress(address)
        }
        place.sin_port = port.bigEndian
        try connect(&place)
        var flag: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &flag, socklen_t(MemoryLayout<Int32>.size))
    }

    private func connect<Place>(_ place: inout Place) throws {
        let status = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Place>.size))
            }
        }
        guard status == 0 else { throw HostConnectionError.system(action: "Connecting to", address: address, errorNumber: errno) }
    }

    /// Sends one request and reads its answer.
    ///
    /// - Throws: `HostConnectionError`; the connection is of no use afterwards.
    func post(_ path: String, headers: [(name: String, value: String)], body: [UInt8]) throws -> HostResponse {
        isReusable = false
        var head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value.filter { !$0.isNewline })\r\n" }
        head += "\r\n"
        try write(Array(head.utf8) + body)
        var response = try readHead()
        while response.status == 100 { response = try readHead() }
        if response.headers["transfer-encoding"]?.lowercased() == "chunked" {
            response.body = try readChunks()
        } else if let length = response.headers["content-length"].flatMap({ Int($0) }), length >= 0 {
            response.body = try take(length)
        } else {
            response.body = try readToEnd()
            return response
        }
        isReusable = response.headers["connection"]?.lowercased() != "close"
        return response
    }

    private func write(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress?.advanced(by: start), bytes.count - start, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                start += count
            } else if errno == EPIPE || errno == ECONNRESET {
                throw HostConnectionError.closed(address: address, isBeforeAnswer: true)
            } else if errno != EINTR {
                throw HostConnectionError.system(action: "Writing to", address: address, errorNumber: errno)
            }
        }
    }

    /// - Returns: false at the end.
    private func readMore(isBeforeAnswer: Bool = false) throws -> Bool {
        let piece = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { space, count in
            while true {
                let received = recv(descriptor, space.baseAddress, space.count, 0)
                if received >= 0 {
                    count = received
                    return
                }
                if errno == ECONNRESET { throw HostConnectionError.closed(address: address, isBeforeAnswer: isBeforeAnswer) }
                if errno != EINTR { throw HostConnectionError.system(action: "Reading from", address: address, errorNumber: errno) }
            }
        }
        buffer += piece
        return !piece.isEmpty
    }

    private func readLine(isFirst: Bool = false) throws -> String {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[..<end]
                let text = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
                buffer.removeSubrange(...end)
                return text
            }
            let isBeforeAnswer = isFirst && buffer.isEmpty
            guard buffer.count < 1 << 16, try readMore(isBeforeAnswer: isBeforeAnswer) else {
                throw HostConnectionError.closed(address: address, isBeforeAnswer: isBeforeAnswer)
            }
        }
    }

    private func readHead() throws -> HostResponse {
        let line = try readLine(isFirst: true)
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
            throw HostConnectionError.notHTTP(address: address, line: line)
        }
        var headers: [String: String] = [:]
        while case let line = try readLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return HostResponse(status: status, headers: headers, body: [])
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try readMore() else { throw HostConnectionError.closed(address: address, isBeforeAnswer: false) }
        }
        if buffer.count == count {
            defer { buffer = [] }
            return buffer
        }
        let bytes = Array(buffer[..<count])
        buffer.removeSubrange(..<count)
        return bytes
    }

    private func readChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try readLine()
            guard
                let count = Int(line.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? "", radix: 16),
                count >= 0
            else { throw HostConnectionError.notHTTP(address: address, line: line) }
            if count == 0 { break }
            body += try take(count)
            _ = try readLine()
        }
        while case let trailer = try readLine(), !trailer.isEmpty {}
        return body
    }

    private func readToEnd() throws -> [UInt8] {
        while try readMore() {}
        defer { buffer = [] }
        return buffer
    }
}

/// Idle connections by address, for the next request of this process.
final class HostConnectionPool: Sendable {
    static let shared = HostConnectionPool()

    private struct Idle: @unchecked Sendable {
        // In the pool a connection belongs to nobody; whoever takes it has it alone.
        var connections: [String: [HostConnection]] = [:]
    }

    private let idle = Mutex(Idle())

    /// Sends a request over an idle connection, or a new one.
    ///
    /// - Throws: `HostConnectionError`.
    func post(
        _ address: String, _ path: String, headers: [(name: String, value: String)], body: [UInt8], timeoutInSeconds: Int
    ) throws -> HostResponse {
        while let connection = take(address) {
            do {
                return try exchange(connection, address, path, headers, body)
            } catch HostConnectionError.closed(_, isBeforeAnswer: true) {
                // The host closed it while it was idle: the request has not been looked at.
            }
        }
        return try exchange(try HostConnection(address, timeoutInSeconds: timeoutInSeconds), address, path, headers, body)
    }

    private func exchange(
        _ connection: HostConnection, _ address: String, _ path: String, _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) throws -> HostResponse {
        let response = try connection.post(path, headers: headers, body: body)
        if connection.isReusable { put(connection, address) }
        return response
    }

    private func take(_ address: String) -> HostConnection? {
        idle.withLock { idle in
            nonisolated(unsafe) let connection = idle.connections[address]?.popLast()
            return connection
        }
    }

    private func put(_ connection: HostConnection, _ address: String) {
        nonisolated(unsafe) let connection = connection
        idle.withLock { $0.connections[address, default: []].append(connection) }
    }
}
