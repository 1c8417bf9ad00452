// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Compute

@Suite struct ThreadPoolTests {
    @Test(arguments: [1, 2, 5])
    func everyIterationRunsOnce(threadCount: Int) {
        let pool = ThreadPool(threadCount: threadCount)
        for count in [0, 1, 2, 7, 1000] {
            let runs = AlignedBuffer<Int32>(count: count)
            for _ in 0..<50 { pool.parallelFor(count) { runs.start[$0] += 1 } }
            #expect(runs.elements.allSatisfy { $0 == 50 })
        }
    }

    @Test func loopsInsideLoopsAndFromOtherThreadsRunToo() async {
        let pool = ThreadPool(threadCount: 3)
        let sum = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<200 {
                        pool.parallelFor(4) { outer in
                            pool.parallelFor(3) { inner in sum.value.add(outer * 3 + inner, ordering: .relaxed) }
                        }
                    }
                }
            }
        }
        #expect(sum.value.load(ordering: .relaxed) == 8 * 200 * 66)
    }

    @Test func unequalIterationsAreShared() {
        let pool = ThreadPool(threadCount: 2)
        let results = AlignedBuffer<Double>(count: 64)
        pool.parallelFor(64) { index in
            var value = Double(index)
            for _ in 0..<(index % 8) * 5000 { value = (value + 1).squareRoot() }
            results.start[index] = value
        }
        #expect(results.elements.allSatisfy { $0.isFinite })
    }

    @Test func poolsComeAndGo() {
        for _ in 0..<100 {
            let pool = ThreadPool(threadCount: 3)
            let count = Atomic<Int>(0)
            pool.parallelFor(10) { _ in count.add(1, ordering: .relaxed) }
            #expect(count.load(ordering: .relaxed) == 10)
        }
    }
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}
