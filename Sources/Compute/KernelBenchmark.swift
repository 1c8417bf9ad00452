// SPDX-License-Identifier: Apache-2.0

import CKernels

/// What `scripts/bench kernels` measures: every version of every kernel on one thread, over data in the caches.
public enum KernelBenchmark {
    /// Runs each for about `seconds` after one run to warm up, and gives a line of JSON for each.
    ///
    /// `now` gives seconds of the process's work, which others on the machine disturb less than wall time. A run's time is the least that
    /// was seen over a batch. It includes a copy of what the kernel writes to.
    public static func run(seconds: Double, now: () -> Double) -> [String] {
        [peak(seconds: seconds, now: now)]
            + KernelTable.rows.flatMap { row in
                let run = row.prepare(1)
                return KernelTable.versions.map { version in
                    let (best, count) = measure(seconds: seconds, now: now) { _ = run(version) }
                    return
                        "{\"kernel\": \"\(row.name)\", \"version\": \"\(version.name)\", \"seconds\": \(best), \"runs\": \(count), "
                        + "\"operations\": \(row.operationCount), \"bytes\": \(row.byteCount)}"
                }
            } + products(seconds: seconds, now: now)
    }

    /// What a core's units for floating-point numbers can do: the limit that the others are measured by.
    private static func peak(seconds: Double, now: () -> Double) -> String {
        let repetitions: UInt64 = 10_000
        let operations = runMultiplyAdds(1) * repetitions
        let (best, count) = measure(seconds: max(seconds, 0.2), now: now) { _ = runMultiplyAdds(repetitions) }
        return "{\"kernel\": \"peak\", \"version\": \"registers\", \"seconds\": \(best), \"runs\": \(count), "
            + "\"operations\": \(operations), \"bytes\": 0}"
    }

    /// Matrix products of the shapes that networks and clustering have, by every engine.
    private static func products(seconds: Double, now: () -> Double) -> [String] {
        let pool = ThreadPool(threadCount: 1)
        return [(512, 512, 512), (64, 12544, 576), (65536, 16, 27), (10000, 64, 32)].flatMap { rows, columns, inner in
            let a = [Float](repeating: 0.5, count: rows * inner)
            let b = [Float](repeating: 0.25, count: inner * columns)
            return MatrixMultiplication.engines.map { engine in
                let (best, count) = measure(seconds: seconds, now: now) {
                    _ = MatrixMultiplication.product(
                        a, b, rows: rows, inner: inner, columns: columns, engine: engine, pool: pool)
                }
                return
                    "{\"kernel\": \"product \(rows) x \(columns) x \(inner)\", \"version\": \"\(engine)\", \"seconds\": \(best), "
                    + "\"runs\": \(count), \"operations\": \(2 * rows * columns * inner), "
                    + "\"bytes\": \(4 * (rows * inner + inner * columns + rows * columns))}"
            }
        }
    }

    /// The least time that one call took on average over a batch; batches are long enough for the clock to tell them apart.
    private static func measure(seconds: Double, now: () -> Double, _ body: () -> Void) -> (best: Double, count: Int) {
        func batch(_ size: Int) -> Double {
            let begin = now()
            for _ in 0..<size { body() }
            return now() - begin
        }
        body()
        let start = now()
        var size = 1
        var taken = batch(size)
        while taken < max(seconds / 20, 1e-4) {
            size *= 2
            taken = batch(size)
        }
        var best = taken
        var count = size
        while now() - start < seconds {
            best = min(best, batch(size))
            count += size
        }
        return (best / Double(size), count)
    }
}
