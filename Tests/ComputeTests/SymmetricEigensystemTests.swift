// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

@Suite struct SymmetricEigensystemTests {
    @Test(arguments: [1, 2, 3, 10, 40], [false, true])
    func vectorsAreOrthogonalAndMakeTheMatrix(size: Int, isLowRank: Bool) throws {
        var random = Random(seed: UInt64(size))
        var matrix = [Double](repeating: 0, count: size * size)
        for _ in 0..<(isLowRank ? 2 : size + 3) {
            let vector = (0..<size).map { _ in Double(random.normal()) }
            let sign: Double = random.uniform() < 0.3 && !isLowRank ? -1 : 1
            for row in 0..<size { for column in 0..<size { matrix[row * size + column] += sign * vector[row] * vector[column] } }
        }
        let system = try #require(SymmetricEigensystem(matrix, size: size))
        #expect(zip(system.values, system.values.dropFirst()).allSatisfy { $0 <= $1 })
        func vector(_ index: Int) -> ArraySlice<Double> { system.vectors[index * size..<(index + 1) * size] }
        for first in 0..<size {
            for second in 0..<size {
                let dot = zip(vector(first), vector(second)).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(dot - (first == second ? 1 : 0)) < 1e-10)
            }
        }
        for row in 0..<size {
            for column in 0..<size {
                let entry = (0..<size).reduce(0.0) {
                    $0 + system.values[$1] * system.vectors[$1 * size + row] * system.vectors[$1 * size + column]
                }
                #expect(abs(entry - matrix[row * size + column]) < 1e-9 * Double(size))
            }
        }
    }

    @Test func whatIsNoMatrixIsRefused() {
        #expect(SymmetricEigensystem([1, 2, 3], size: 2) == nil)
        #expect(SymmetricEigensystem([.nan], size: 1) == nil)
        #expect(SymmetricEigensystem([0, 0, 0, 0], size: 2)?.values == [0, 0])
        #expect(SymmetricEigensystem([2, 0, 0, -1], size: 2)?.values == [-1, 2])
    }
}
