// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// What `scripts/bench kmeans` measures of this algorithm; the same work as its peers in scripts/benchmarks/kmeans.py.
///
/// Lloyd's algorithm until no row moves, over rows that lie in memory as float32 and again as bytes. The clock runs to the last centre:
/// finding the byte codes of float32 rows is part of it, and k-means++ where no start is given.
public enum KMeansBenchmark {
    /// Runs `repetitions` times over each form and gives a line of JSON for each; `now` gives seconds on a clock that only goes forward.
    ///
    /// `directory` holds `rows.u8` (bytes, row after row), `shape` (the numbers of columns and of centres) and, where centres are given,
    /// `start.f32`. Throws ``PlatformError`` or ``DataError`` where it does not.
    public static func run(directory: String, threadCount: Int, repetitions: Int, now: () -> Double) throws -> [String] {
        func bytes(_ name: String) throws -> [UInt8] {
            guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
                throw PlatformError("there is no \(directory)/\(name)")
            }
            return Array(data)
        }
        let shape = String(decoding: try bytes("shape"), as: UTF8.self).split(separator: " ").compactMap {
            Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let codes = try bytes("rows.u8")
        guard shape.count == 2, shape[0] > 0, shape[1] > 0, codes.count % shape[0] == 0 else {
            throw DataError(.other("the shape does not fit the rows"), at: .init(file: directory))
        }
        let start = (try? bytes("start.f32")).map { bytes in
            bytes.withUnsafeBytes { raw in (0..<bytes.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) } }
        }
        guard start == nil || start?.count == shape[0] * shape[1] else {
            throw DataError(.other("start.f32 does not hold \(shape[1]) centres"), at: .init(file: directory))
        }
        let floats = codes.map { Float($0) }
        let pool = ThreadPool(threadCount: threadCount)
        let rowCount = codes.count / shape[0]
        let forms: [(String, Matrix?)] = [
            ("sagebrush, float32 given", Matrix(rowCount: rowCount, columnCount: shape[0], values: floats)),
            ("sagebrush, bytes given", Matrix(rowCount: rowCount, columnCount: shape[0], codes: codes)),
        ]
        return forms.flatMap { name, matrix in
            (0..<max(1, repetitions)).compactMap { repetition in
                matrix.map { measure(name, $0, start, count: shape[1], seed: UInt64(repetition), pool: pool, now: now) }
            }
        }
    }

    private static func measure(
        _ name: String, _ matrix: Matrix, _ start: [Float]?, count: Int, seed: UInt64, pool: ThreadPool, now: () -> Double
    ) -> String {
        let begin = now()
        let processorBegin = processorSeconds()
        let rows = ClusterRows(matrix.compacted(with: pool), pool: pool)
        var random = Random(seed: seed)
        let prepared = now()
        let first = start ?? Seeding.plusPlus.centres(count, of: rows, random: &random, pool: pool)
        let seeded = now()
        let found = Lloyd().run(rows, from: first, count: count, pool: pool)
        let seconds = now() - begin
        return "{\"name\": \"\(name)\", \"seconds\": \(seconds), \"processor_seconds\": \(processorSeconds() - processorBegin), "
            + "\"preparation_seconds\": \(prepared - begin), "
            + "\"seeding_seconds\": \(seeded - prepared), \"inertia\": \(found.inertia), \"iterations\": \(found.iterationCount), "
            + "\"distances\": \(found.distanceCount), \"kernels\": \"\(KernelTable.bestName)\"}"
    }

    /// What all threads of this process have worked.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
