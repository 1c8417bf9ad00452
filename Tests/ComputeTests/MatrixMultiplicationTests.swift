// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

@Suite struct MatrixMultiplicationTests {
    private let pool = ThreadPool(threadCount: 2)

    /// Sums in float64.
    private func plain(_ a: [Float], _ b: [Float], _ rows: Int, _ inner: Int, _ columns: Int) -> [Float] {
        (0..<rows * columns).map { index in
            let (row, column) = (index / columns, index % columns)
            return Float((0..<inner).reduce(0.0) { $0 + Double(a[row * inner + $1]) * Double(b[$1 * columns + column]) })
        }
    }

    private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
        (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
    }

    @Test(arguments: MatrixMultiplication.engines, [(1, 1, 1), (3, 500, 5), (70, 33, 65), (200, 17, 9), (9, 17, 200)])
    func everyEngineMultiplies(engine: MatrixMultiplication.Engine, size: (Int, Int, Int)) throws {
        let (rows, inner, columns) = size
        var random = Random(seed: UInt64(rows))
        let a = (0..<rows * inner).map { _ in random.normal() }
        let b = (0..<inner * columns).map { _ in random.normal() }
        let expected = plain(a, b, rows, inner, columns)
        let found = try #require(
            MatrixMultiplication.product(a, b, rows: rows, inner: inner, columns: columns, engine: engine, pool: pool))
        for (value, wanted) in zip(found, expected) { #expect(abs(value - wanted) < 1e-3) }
        let aTransposed = transposed(a, rows: rows, columns: inner)
        let bTransposed = transposed(b, rows: inner, columns: columns)
        var sum = [Float](repeating: 1, count: rows * columns)
        MatrixMultiplication.multiply(
            rows: rows, columns: columns, inner: inner, .init(aTransposed, stride: rows, isTransposed: true),
            .init(bTransposed, stride: inner, isTransposed: true), into: &sum, stride: columns, adds: true, engine: engine,
            pool: pool)
        for (value, wanted) in zip(sum, expected) { #expect(abs(value - wanted - 1) < 1e-3) }
    }

    @Test func sizesAreChecked() {
        #expect(MatrixMultiplication.product([1, 2], [1], rows: 1, inner: 1, columns: 1, pool: pool) == nil)
        #expect(MatrixMultiplication.product([], [], rows: 2, inner: 0, columns: 2, pool: pool) == [0, 0, 0, 0])
        #expect(!MatrixMultiplication.description.isEmpty)
    }

    /// Some machines' environments make libraries pretend to be on an older processor.
    @Test func oneDNNUsesTheWidestVectors() {
        guard let library = OneDNN.shared, KernelTable.versions.contains(where: { $0.name == "avx512" }) else { return }
        #expect(library.usesWideVectors)
    }
}
