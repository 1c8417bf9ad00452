// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// The digests of object bodies that S3 stores and verifies.
public enum ChecksumAlgorithm: String, Sendable, Hashable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// The header that carries it: `x-amz-checksum-crc32`.
    public var headerName: String { "x-amz-checksum-" + rawValue.lowercased() }
    /// The member that carries it: `ChecksumCRC32`.
    public var memberName: String { "Checksum" + rawValue }
    /// The length of the digest in bytes.
    public var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }
    /// A whole object's value follows from the parts' values.
    public var isLinear: Bool { self == .crc32 || self == .crc32c || self == .crc64nvme }

    fileprivate var cyclicCode: CyclicRedundancyCode? {
        switch self {
        case .crc32: .crc32
        case .crc32c: .crc32c
        case .crc64nvme: .crc64nvme
        case .sha1, .sha256: nil
        }
    }
}

/// A digest that is fed piece by piece.
public struct Checksum: Sendable {
    private enum State: Sendable {
        case cyclic(CyclicRedundancyCode, UInt64)
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
    }

    /// What is computed.
    public let algorithm: ChecksumAlgorithm
    private var state: State

    /// A digest of no bytes yet.
    public init(_ algorithm: ChecksumAlgorithm) {
        self.algorithm = algorithm
        state =
            switch algorithm {
            case .crc32: .cyclic(.crc32, 0)
            case .crc32c: .cyclic(.crc32c, 0)
            case .crc64nvme: .cyclic(.crc64nvme, 0)
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            }
    }

    /// Takes the next bytes.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .cyclic(let code, let value): state = .cyclic(code, code.update(value, bytes))
        case .sha1(var hash):
            state = .cyclic(.crc32, 0)  // releases the storage, so that the update is in place
            hash.update(bufferPointer: bytes)
            state = .sha1(hash)
        case .sha256(var hash):
            state = .cyclic(.crc32, 0)
            hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        }
    }

    /// The digest of the bytes so far, big-endian for cyclic codes.
    public var digest: [UInt8] {
        switch state {
        case .cyclic(let code, let value): code.bytes(of: value)
        case .sha1(let hash): Array(hash.finalize())
        case .sha256(let hash): Array(hash.finalize())
        }
    }

    /// The digest as S3 writes it.
    public var base64: String { Base64.encode(digest) }

    /// The digest of `bytes`.
    public static func digest(_ algorithm: ChecksumAlgorithm, of bytes: [UInt8]) -> [UInt8] {
        var checksum = Checksum(algorithm)
        checksum.update(bytes)
        return checksum.digest
    }

    /// The digest of two pieces after another, from theirs; nil where the algorithm is not linear or a digest has the wrong length.
    public static func combine(
        _ algorithm: ChecksumAlgorithm, _ first: [UInt8], _ second: [UInt8], secondByteCount: Int
    ) -> [UInt8]? {
        guard let code = algorithm.cyclicCode, first.count == algorithm.byteCount, second.count == algorithm.byteCount else {
            return nil
        }
        let left = first.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let right = second.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return code.bytes(of: code.combine(left, right, secondByteCount: secondByteCount))
    }
}

/// A reflected cyclic redundancy code with all ones before and after, eight bytes a step (Kounavis and Berry, "Slicing-by-8").
final class CyclicRedundancyCode: Sendable {
    static let crc32 = CyclicRedundancyCode(polynomial: 0xEDB8_8320, bitCount: 32)
    static let crc32c = CyclicRedundancyCode(polynomial: 0x82F6_3B78, bitCount: 32)
    static let crc64nvme = CyclicRedundancyCode(polynomial: 0x9A6C_9329_AC4B_C9B5, bitCount: 64)

    private let polynomial: UInt64
    private let bitCount: Int
    private let mask: UInt64
    /// Eight tables of 256 after each other; table k is the effect of a byte followed by k zero bytes.
    private let table: [UInt64]

    private init(polynomial: UInt64, bitCount: Int) {
        self.polynomial = polynomial
        self.bitCount = bitCount
        mask = bitCount == 64 ? .max : (1 << UInt64(bitCount)) - 1
        var table = [UInt64](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt64(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
            table[byte] = value
        }
        for index in 256..<(8 * 256) {
            let previous = table[index - 256]
            table[index] = previous >> 8 ^ table[Int(previous & 0xFF)]
        }
        self.table = table
    }

    func update(_ value: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        table.withUnsafeBufferPointer { table in
            var state = value ^ mask
            var position = 0
            let blockEnd = bytes.count & ~7
            while position < blockEnd {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ state
                state = table[0x700 + Int(word & 0xFF)]
                state ^= table[0x600 + Int(word >> 8 & 0xFF)]
                state ^= table[0x500 + Int(word >> 16 & 0xFF)]
                state ^= table[0x400 + Int(word >> 24 & 0xFF)]
                state ^= table[0x300 + Int(word >> 32 & 0xFF)]
                state ^= table[0x200 + Int(word >> 40 & 0xFF)]
                state ^= table[0x100 + Int(word >> 48 & 0xFF)]
                state ^= table[Int(word >> 56)]
                position += 8
            }
            while position < bytes.count {
                state = state >> 8 ^ table[Int((state ^ UInt64(bytes[position])) & 0xFF)]
                position += 1
            }
            return state ^ mask
        }
    }

    func bytes(of value: UInt64) -> [UInt8] {
        stride(from: bitCount - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }

    /// Multiplies the first code by x to the power of 8 times `secondByteCount` in GF(2), then adds the second.
    func combine(_ first: UInt64, _ second: UInt64, secondByteCount: Int) -> UInt64 {
        var power = multiplyPower(byteCount: secondByteCount)
        power = multiply(power, first)
        return power ^ second
    }

    private func multiply(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var product: UInt64 = 0
        var shifted = right
        var bit: UInt64 = 1 << UInt64(bitCount - 1)
        while bit != 0 {
            if left & bit != 0 { product ^= shifted }
            shifted = shifted & 1 == 1 ? shifted >> 1 ^ polynomial : shifted >> 1
            bit >>= 1
        }
        return product
    }

    private func multiplyPower(byteCount: Int) -> UInt64 {
        let one: UInt64 = 1 << UInt64(bitCount - 1)
        var result = one
        var square = one >> 8
        var left = byteCount
        while left > 0 {
            if left & 1 == 1 { result = multiply(result, square) }
            square = multiply(square, square)
            left >>= 1
        }
        return result
    }
}

/// One-call digests.
public enum Digest {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
    /// SHA-256 in lower-case base 16.
    public static func sha256Hexadecimal(_ bytes: [UInt8]) -> String { Hexadecimal.encode(Array(SHA256.hash(data: bytes))) }
    /// SHA-1, 20 bytes.
    public static func sha1(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }
    /// MD5 (RFC 1321), 16 bytes.
    public static func md5(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }
    /// HMAC-SHA-256 (RFC 2104), 32 bytes.
    public static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
    }
    /// HMAC-SHA-1, 20 bytes.
    public static func hmacSHA1(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
    }

    /// Equality in a time that does not depend on where two texts differ.
    public static func isEqual(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// An MD5 digest that is fed piece by piece: the entity tag of an object.
public struct MD5Digest: Sendable {
    private var hash = Insecure.MD5()

    /// A digest of no bytes yet.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: [UInt8]) { hash.update(data: bytes) }

    /// The digest of the bytes so far, 16 bytes.
    public var digest: [UInt8] { Array(hash.finalize()) }
}
