// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011).
///
/// A seed and a stream name a sequence; any number of streams can be drawn from side by side, so results need not depend on
/// the number of threads. A value: copies go on independently with the same numbers.
public struct Random: RandomNumberGenerator, Sendable {
    private let key: SIMD2<UInt32>
    private let stream: UInt64
    private var block: UInt64 = 0
    private var pending: [UInt64] = []

    /// The sequence of that seed and stream.
    public init(seed: UInt64, stream: UInt64 = 0) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.stream = stream
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        if let value = pending.popLast() { return value }
        let words = Self.philox(counter: block, stream: stream, key: key)
        block += 1
        pending.append(UInt64(words[2]) | UInt64(words[3]) << 32)
        return UInt64(words[0]) | UInt64(words[1]) << 32
    }

    /// A number in 0 ..< 1, with 24 random bits.
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// A number of the standard normal distribution (Box and Muller, 1958).
    public mutating func normal() -> Float {
        let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(uniform())))
    }

    /// A whole number in 0 ..< bound, for bounds from 1 to 2^32.
    ///
    /// Multiply and shift (Lemire, 2019); the bias is below 2^-32 for bounds of everyday size.
    public mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) * UInt64(bound)) >> 32) }

    /// The numbers 0 ..< count in random order.
    public mutating func permutation(_ count: Int) -> [UInt32] {
        var order = (0..<UInt32(count)).map { $0 }
        var last = count - 1
        while last > 0 {
            order.swapAt(last, below(last + 1))
            last -= 1
        }
        return order
    }

    /// One block of four random words.
    static func philox(counter: UInt64, stream: UInt64, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var x = SIMD4(
            UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
            UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
        var key = key
        for _ in 0..<10 {
            let first = UInt64(x[0]) * 0xD251_1F53
            let second = UInt64(x[2]) * 0xCD9E_8D57
            x = SIMD4(
                UInt32(second >> 32) ^ x[1] ^ key[0], UInt32(truncatingIfNeeded: second),
                UInt32(first >> 32) ^ x[3] ^ key[1], UInt32(truncatingIfNeeded: first))
            key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return x
    }
}
