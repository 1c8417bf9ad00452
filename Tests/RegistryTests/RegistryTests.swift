// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Testing

@testable import Registry

@Suite struct RegistryTests {
    @Test func namesAreUnique() {
        let names = Registry.algorithms.map { $0.name }
        #expect(Set(names).count == names.count)
    }

    @Test func anAlgorithmIsFoundByItsRepositoryName() throws {
        let found = try #require(Registry.algorithm(named: "linear-learner"))
        #expect(found.logName == "Linear Learner")
        #expect(Registry.algorithm(named: "no-such-algorithm") == nil)
    }
}
