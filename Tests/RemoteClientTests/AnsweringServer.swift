// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A TCP server on a free port of this machine that answers each request with the next of its texts.
final class AnsweringServer: Sendable {
    /// What to do with a request.
    enum Answer: Sendable {
        /// Bytes as they go over the wire.
        case text(String)
        /// Closes without a word.
        case close
        /// Keeps the connection, and says nothing.
        case silence
    }

    let port: Int
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    /// The requests so far: head and body as they came.
    var requests: [String] { received.withLock { $0 } }

    init(_ answers: [Answer]) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: place.sin_port))
        Thread.detachNewThread { [self] in serve(answers) }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func serve(_ answers: [Answer]) {
        defer { close(descriptor) }
        var next = answers[...]
        var silent: [Int32] = []
        defer { for connection in silent { close(connection) } }
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            while let request = Self.read(connection) {
                received.withLock { $0.append(request) }
                switch next.popFirst() ?? .close {
                case .text(let text):
                    let bytes = Array(text.utf8)
                    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                    if text.contains("Connection: close") { break } else { continue }
                case .close: break
                case .silence:
                    silent.append(dup(connection))
                }
                break
            }
            close(connection)
        }
    }

    /// One whole request; nil where the connection ends.
    private static func read(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        var space = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound].lowercased()
                let line = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if text[end.upperBound...].utf8.count >= length { return text }
            }
            let count = recv(connection, &space, space.count, 0)
            guard count > 0 else { return nil }
            bytes += space[..<count]
        }
    }
}

/// An answer with a body of known length.
func answer(_ status: String, _ headers: [String] = [], body: String = "") -> AnsweringServer.Answer {
    let lines = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)"]
    return .text(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
}
