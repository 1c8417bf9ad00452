// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Wire

/// A kept-alive HTTP/1.1 connection (RFC 9112): blocking, one request at a time, used from threads that may block.
final class HTTPConnection {
    private let transport: any Transport
    /// What has been read beyond the last answer's end.
    private var buffer: [UInt8] = []
    private var framing = Framing.none
    /// False once the connection is of no use for another request.
    private(set) var isReusable = true

    /// How the end of an answer's body shows.
    private enum Framing {
        case none
        case length(Int)
        case chunk(left: Int)
        case toEnd
    }

    init(_ transport: any Transport) {
        self.transport = transport
    }

    func write(_ bytes: [UInt8]) throws(RemoteError) {
        isReusable = false
        if bytes.isEmpty { return }
        let result = bytes.withUnsafeBytes { space in Result { () throws(RemoteError) in try transport.write(space) } }
        try result.get()
    }

    /// Reads an answer's status and headers; its body follows from `readBody`.
    func readHead(of method: String) throws(RemoteError) -> (status: Int, headers: HTTPHeaders) {
        var head = try readOneHead()
        while head.status == 100 { head = try readOneHead() }
        let length = head.headers["Content-Length"].flatMap { Int($0) }
        if method == "HEAD" || head.status == 204 || head.status == 304 {
            framing = .none
        } else if head.headers["Transfer-Encoding"]?.lowercased().hasSuffix("chunked") == true {
            framing = .chunk(left: 0)
        } else if let length, length >= 0 {
            framing = length == 0 ? .none : .length(length)
        } else {
            framing = .toEnd
        }
        if case .toEnd = framing { return head }
        isReusable = head.headers["Connection"]?.lowercased() != "close"
        return head
    }

    /// True where there is more of the body.
    var hasBody: Bool { if case .none = framing { false } else { true } }

    /// The next piece of the body; nil at its end.
    func readBody() throws(RemoteError) -> [UInt8]? {
        switch framing {
        case .none: return nil
        case .length(let left):
            let piece = try take(atMost: left)
            framing = piece.count == left ? .none : .length(left - piece.count)
            return piece
        case .chunk(var left):
            if left == 0 {
                guard let size = Int(try readLine().prefix { $0 != ";" && $0 != " " }, radix: 16), size >= 0 else {
                    throw broken(.notHTTP(url: ""))
                }
                if size == 0 {
                    while case let trailer = try readLine(), !trailer.isEmpty {}
                    framing = .none
                    return nil
                }
                left = size
            }
            let piece = try take(atMost: left)
            if piece.count == left { _ = try readLine() }
            framing = .chunk(left: left - piece.count)
            return piece
        case .toEnd:
            if buffer.isEmpty, try !readMore() {
                framing = .none
                return nil
            }
            defer { buffer = [] }
            return buffer
        }
    }

    private func readOneHead() throws(RemoteError) -> (status: Int, headers: HTTPHeaders) {
        let parts = try readLine().split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else { throw broken(.notHTTP(url: "")) }
        var headers = HTTPHeaders()
        while case let line = try readLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { continue }
            var value = line[line.index(after: colon)...]
            while value.first?.isWhitespace == true { value.removeFirst() }
            while value.last?.isWhitespace == true { value.removeLast() }
            headers.append(String(line[..<colon]), String(value))
        }
        return (status, headers)
    }

    private func readLine() throws(RemoteError) -> String {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = buffer[..<end]
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                let text = String(decoding: line, as: UTF8.self)
                buffer.removeSubrange(...end)
                return text
            }
            searched = buffer.count
            guard buffer.count < 1 << 16, try readMore() else { throw broken(.closed(url: "")) }
        }
    }

    private func take(atMost count: Int) throws(RemoteError) -> [UInt8] {
        if buffer.isEmpty, try !readMore() { throw broken(.closed(url: "")) }
        if buffer.count <= count {
            defer { buffer = [] }
            return buffer
        }
        let piece = Array(buffer[..<count])
        buffer.removeSubrange(..<count)
        return piece
    }

    /// - Returns: False at the end.
    private func readMore() throws(RemoteError) -> Bool {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let result = piece.withUnsafeMutableBytes { space in
            Result { () throws(RemoteError) in try transport.read(into: space) }
        }
        let count: Int
        do throws(RemoteError) {
            count = try result.get()
        } catch {
            throw broken(error)
        }
        if count == 0 { isReusable = false }
        buffer += piece[..<count]
        return count > 0
    }

    private func broken(_ error: RemoteError) -> RemoteError {
        isReusable = false
        framing = .none
        return error
    }
}

/// Runs work that blocks on threads of its own, so that the tasks of others go on.
enum BlockingWork {
    private static let queue = DispatchQueue(label: "RemoteClient", attributes: .concurrent)

    static func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
