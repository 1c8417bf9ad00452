// SPDX-License-Identifier: Apache-2.0

import CKernels
import Testing

@testable import Compute

@Suite struct KernelTests {
    @Test(arguments: KernelTable.rows.map(\.name))
    func everyVersionAgreesWithTheReference(name: String) throws {
        let row = try #require(KernelTable.rows.first { $0.name == name })
        for seed in [1, 2] as [UInt64] {
            let run = row.prepare(seed)
            let expected = run(KernelTable.reference)
            let size = expected.reduce(0) { max($0, abs($1)) }
            #expect(size > 0)
            for version in KernelTable.versions {
                let found = run(version)
                #expect(found.count == expected.count)
                let worst = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / size
                #expect(worst <= row.tolerance, "\(version.name): \(worst)")
            }
        }
    }

    @Test func theBestVersionIsTheLastOfTheTable() {
        #expect(KernelTable.versions.map(\.name).last == KernelTable.bestName)
        #expect(KernelTable.versions.first?.name == "reference")
    }

    @Test func exponentialAndLogarithmAreRightToThreeUnitsInTheLastPlace() throws {
        for version in KernelTable.versions {
            let x: [Float] = stride(from: -80, to: 80, by: 0.37).map { Float($0) }
            var out = [Float](repeating: 0, count: x.count)
            version.set.pointee.exponential(x, &out, x.count)
            var back = out
            version.set.pointee.logarithm(out, &back, x.count)
            var exact = x
            KernelTable.reference.set.pointee.exponential(x, &exact, x.count)
            for i in x.indices {
                #expect(abs(out[i] - exact[i]) <= 3 * exact[i].ulp)
                #expect(abs(back[i] - x[i]) <= 4 * max(x[i].ulp, Float(1).ulp))
            }
        }
    }
}
