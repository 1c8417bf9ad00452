// SPDX-License-Identifier: Apache-2.0

import Crypto
import Hummingbird
import HummingbirdCore
import NIOCore
import Wire

/// The body of a request on its way in: read from the connection, taken out of `aws-chunked`, checked against what its headers say.
///
/// Unchecked: a body is read by one task, piece after piece, as `Body` promises.
final class InboundBody: @unchecked Sendable {
    /// Pieces of the network are put together up to this size.
    private static let pieceByteCount = 128 * 1024

    private var iterator: RequestBody.AsyncIterator
    private var decoder: AWSChunkedDecoder?
    private var expectedByteCount: Int?
    private var byteCount = 0
    private var trailerChecksum: Checksum?
    private var payloadHash: (hash: SHA256, claimed: String)?
    private var hasEnded = false

    init(_ body: RequestBody) {
        iterator = body.makeAsyncIterator()
    }

    /// Expects chunks, and `byteCount` bytes of data within them where that is said.
    func expectChunks(_ decoder: AWSChunkedDecoder, byteCount: Int?, trailerAlgorithm: ChecksumAlgorithm?) {
        self.decoder = decoder
        expectedByteCount = byteCount
        trailerChecksum = trailerAlgorithm.map(Checksum.init)
    }

    /// Expects a SHA-256 in base 16.
    func expectHash(_ claimed: String) {
        payloadHash = (SHA256(), claimed.lowercased())
    }

    func next() async throws -> [UInt8]? {
        while !hasEnded {
            var piece: [UInt8] = []
            while piece.count < Self.pieceByteCount {
                guard let buffer = try await iterator.next() else {
                    hasEnded = true
                    break
                }
                piece.append(contentsOf: buffer.readableBytesView)
            }
            if decoder != nil {
                piece = try decoder?.decode(piece) ?? []
                trailerChecksum?.update(piece)
            }
            byteCount += piece.count
            payloadHash?.hash.update(data: piece)
            if hasEnded { try finish() }
            if !piece.isEmpty { return piece }
        }
        return nil
    }

    private func finish() throws {
        if let (hash, claimed) = payloadHash {
            let computed = Hexadecimal.encode(Array(hash.finalize()))
            if computed != claimed {
                throw SignatureError.payloadHashMismatch(claimed: claimed, computed: computed).serviceError(for: .s3)
            }
        }
        guard decoder != nil else { return }
        try decoder?.finish()
        if let expectedByteCount, expectedByteCount != byteCount {
            throw ServiceError(
                "IncompleteBody",
                "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header.",
                status: 400)
        }
        if let checksum = trailerChecksum {
            let name = checksum.algorithm.headerName
            guard let given = decoder?.trailers.first(where: { $0.name == name })?.value else {
                throw ServiceError(
                    "MalformedTrailerError", "The request contained trailing data that was not well-formed.", status: 400)
            }
            guard given == checksum.base64 else {
                throw ServiceError(
                    "BadDigest", "The \(checksum.algorithm.rawValue) you specified did not match the calculated checksum.",
                    status: 400)
            }
        }
    }
}
