// SPDX-License-Identifier: Apache-2.0

import CKernels

extension KernelVersion {
    /// The factorization machines' kernels of this version.
    var factor: FactorKernelSet { factorKernels(set.pointee.name).pointee }
}

extension KernelTable {
    /// The factorization machines' kernels of the fastest version.
    static let factor = factorKernels(best.name).pointee
}

extension KernelRow {
    /// The factorization machines' kernels: a row's score, a column's gradient, 48 factors.
    static let factorRows: [KernelRow] = [true, false].map { isScore in
        let (entryCount, columns, factors) = (150, 300, 48)
        return KernelRow(
            name: isScore ? "factorization score" : "factorization gradient", operationCount: 4 * entryCount * factors,
            byteCount: entryCount * (8 + 4 * factors), tolerance: 2e-5
        ) { seed in
            var random = Random(seed: seed)
            func values(_ count: Int) -> [Float] { (0..<count).map { _ in 2 * random.uniform() - 1 } }
            let order = random.permutation(columns)
            let numbers = values(entryCount)
            let entries = (0..<entryCount).map { FactorEntry(index: order[$0], value: numbers[$0]) }
            let weights = values(columns)
            let table = values(columns * factors)
            let own = values(factors)
            return { version in
                var out = [Float](repeating: 0, count: factors)
                let number =
                    isScore
                    ? version.factor.score(entries, entryCount, weights, table, factors, &out)
                    : version.factor.gradient(entries, entryCount, weights, table, own, factors, &out)
                return out + [number]
            }
        }
    }
}
