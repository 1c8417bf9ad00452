// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Takes an `aws-chunked` body apart as it comes: sizes, chunk signatures and trailers go, data stays
/// (Amazon S3 API Reference, "Transferring payload in multiple chunks").
public struct AWSChunkedDecoder {
    private enum State { case size, data(left: Int), dataEnd, trailer, complete }

    /// A line longer than this is no chunk's header.
    private static let lineByteCountMax = 16 * 1024

    private var state = State.size
    private var line: [UInt8] = []
    private var signature: ChunkSignature?
    private var chunkSignature = ""
    private var chunkHash = SHA256()
    private var trailerSignature: String?
    private let signsTrailer: Bool

    /// The trailing headers, names in lower case, in their order.
    public private(set) var trailers: [HTTPHeaders.Field] = []

    /// The last chunk and the trailers have come.
    public var isComplete: Bool { if case .complete = state { true } else { false } }

    /// A decoder; with `signature` every chunk's is checked, and the trailer's too where there is to be one.
    public init(signature: ChunkSignature?, signsTrailer: Bool = false) {
        self.signature = signature
        self.signsTrailer = signsTrailer
    }

    /// The data within the next piece of the body.
    ///
    /// - Throws: `ServiceError` `IncompleteBody` for what is no such body, `SignatureDoesNotMatch` for a chunk that somebody changed.
    public mutating func decode(_ bytes: [UInt8]) throws -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if case .data(let left) = state {
                let count = min(left, bytes.count - index)
                let piece = bytes[index..<(index + count)]
                output.append(contentsOf: piece)
                if signature != nil { piece.withUnsafeBytes { chunkHash.update(bufferPointer: $0) } }
                index += count
                state = count == left ? .dataEnd : .data(left: left - count)
                continue
            }
            if case .complete = state { throw Self.malformed("data after the last chunk") }
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\n") {
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                line.removeAll(keepingCapacity: true)
                try endLine(text)
            } else {
                line.append(byte)
                if line.count > Self.lineByteCountMax { throw Self.malformed("a chunk's header is too long") }
            }
        }
        return output
    }

    /// Says that the body has ended.
    ///
    /// - Throws: `ServiceError` `IncompleteBody` where the last chunk has not come.
    public mutating func finish() throws {
        if case .trailer = state, line.isEmpty { try endTrailer() }
        if !isComplete { throw Self.malformed("the body ended early") }
    }

    private mutating func endLine(_ text: String) throws {
        switch state {
        case .size:
            let fields = text.split(separator: ";", omittingEmptySubsequences: false)
            guard let first = fields.first, let size = Int(first.trimmingPrefix { $0 == " " }, radix: 16), size >= 0 else {
                throw Self.malformed("'\(text.prefix(40))' is no chunk size")
            }
            chunkSignature =
                fields.dropFirst().compactMap { $0.hasPrefix("chunk-signature=") ? String($0.dropFirst(16)) : nil }.first ?? ""
            chunkHash = SHA256()
            if size > 0 {
                state = .data(left: size)
            } else {
                try checkChunk()
                state = .trailer
            }
        case .dataEnd:
            guard text.isEmpty else { throw Self.malformed("a chunk is longer than its size") }
            try checkChunk()
            state = .size
        case .trailer:
            if text.isEmpty { return try endTrailer() }
            guard let colon = text.firstIndex(of: ":") else { throw Self.malformed("'\(text.prefix(40))' is no trailing header") }
            let name = text[..<colon].lowercased()
            let value = String(text[text.index(after: colon)...]).trimmingSpace
            if name == "x-amz-trailer-signature" { trailerSignature = value } else { trailers.append(.init(name, value)) }
        case .data, .complete: break
        }
    }

    private mutating func checkChunk() throws {
        guard var running = signature else { return }
        let expected = running.next(chunkHash: Hexadecimal.encode(Array(chunkHash.finalize())))
        signature = running
        guard Digest.isEqual(expected, chunkSignature) else { throw Self.mismatch(chunkSignature) }
    }

    private mutating func endTrailer() throws {
        state = .complete
        guard signsTrailer, var running = signature else { return }
        let lines = trailers.map { "\($0.name):\($0.value)\n" }.joined()
        guard Digest.isEqual(running.trailer(lines), trailerSignature ?? "") else { throw Self.mismatch(trailerSignature ?? "") }
    }

    private static func malformed(_ problem: String) -> ServiceError {
        ServiceError("IncompleteBody", "The request body terminated unexpectedly: \(problem).", status: 400)
    }

    private static func mismatch(_ provided: String) -> ServiceError {
        ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            status: 403,
            details: [.init("SignatureProvided", .string(provided))])
    }
}
