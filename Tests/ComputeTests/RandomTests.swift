// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

@Suite struct RandomTests {
    /// The known answers that Random123 ships for Philox4x32-10.
    @Test func philoxGivesTheKnownAnswers() {
        #expect(
            Random.philox(counter: 0, stream: 0, key: SIMD2(0, 0)) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            Random.philox(counter: .max, stream: .max, key: SIMD2(.max, .max))
                == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            Random.philox(
                counter: 0x85a3_08d3_243f_6a88, stream: 0x0370_7344_1319_8a2e, key: SIMD2(0xa409_3822, 0x299f_31d0))
                == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    @Test func sequencesDependOnSeedAndStream() {
        func first(_ seed: UInt64, _ stream: UInt64) -> [UInt64] {
            var random = Random(seed: seed, stream: stream)
            return (0..<4).map { _ in random.next() }
        }
        #expect(first(1, 2) == first(1, 2))
        #expect(Set([first(1, 2), first(2, 2), first(1, 3)]).count == 3)
    }

    @Test func distributionsHaveTheirMoments() {
        var random = Random(seed: 7)
        let count = 100_000
        var uniform = 0.0
        var normal = 0.0
        var square = 0.0
        for _ in 0..<count {
            let value = random.uniform()
            #expect(value >= 0 && value < 1)
            uniform += Double(value)
            let bell = Double(random.normal())
            normal += bell
            square += bell * bell
        }
        #expect(abs(uniform / Double(count) - 0.5) < 0.005)
        #expect(abs(normal / Double(count)) < 0.015)
        #expect(abs(square / Double(count) - 1) < 0.02)
    }

    @Test func everyNumberIsAsLikelyAnywhereInAPermutation() {
        var random = Random(seed: 3)
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 8), count: 8)
        for _ in 0..<8000 {
            for (place, number) in random.permutation(8).enumerated() { counts[place][Int(number)] += 1 }
        }
        // Binomial: 1,000 times, six standard deviations are 178.
        for count in counts.joined() { #expect(abs(count - 1000) < 178) }
        #expect(Set((0..<1000).map { _ in random.below(5) }) == Set(0..<5))
    }

    @Test func permutationsHoldEveryNumberOnce() {
        var random = Random(seed: 3)
        #expect(random.permutation(0).isEmpty)
        let order = random.permutation(1000)
        #expect(order != Array(0..<1000))
        #expect(order.sorted() == Array(0..<1000))
    }
}
