// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

@Suite struct MatrixTests {
    private let pool = ThreadPool(threadCount: 2)

    @Test(arguments: [1, 255, 256] as [Float])
    func codesRepresentValuesExactly(divisor: Float) throws {
        let values = (0..<3000).map { Float($0 * 7 % 256) / divisor }
        let matrix = try #require(Matrix(rowCount: 30, columnCount: 100, values: values)).compacted(with: pool)
        guard case .uint8(let codes, let found) = matrix.storage else {
            Issue.record("not compacted")
            return
        }
        #expect(found == divisor && codes.count == 3000)
        for (index, value) in values.enumerated() { #expect(matrix[index / 100, index % 100] == value) }
    }

    @Test(arguments: [-1, 0.1234, 256, .nan, .infinity] as [Float])
    func oneValueWithoutACodeKeepsFloats(odd: Float) throws {
        var values = (0..<20_000).map { Float($0 % 256) }
        values[19_990] = odd
        let matrix = try #require(Matrix(rowCount: 200, columnCount: 100, values: values)).compacted(with: pool)
        guard case .float32(let kept) = matrix.storage else {
            Issue.record("compacted")
            return
        }
        #expect(kept.count == 20_000)
    }

    @Test func shapesAreChecked() {
        #expect(Matrix(rowCount: 2, columnCount: 3, values: [1, 2, 3]) == nil)
        #expect(Matrix(rowCount: 1, columnCount: 1, codes: [1, 2]) == nil)
        #expect(SparseMatrix(columnCount: 2, rowStarts: [0, 1], columns: [2], values: [1]) == nil)
        #expect(SparseMatrix(columnCount: 2, rowStarts: [0, 2], columns: [1], values: [1]) == nil)
        #expect(SparseMatrix(columnCount: 2, rowStarts: [0, 1], columns: [1], values: [1])?.rowCount == 1)
    }

    @Test func standardizationMeasuresMeanAndDeviation() throws {
        let values: [Float] = [1, 5, 7, 3, 5, 7, 5, 5, 1e6]
        let matrix = FeatureMatrix.dense(try #require(Matrix(rowCount: 3, columnCount: 3, values: values)))
        let all: [UInt32] = [0, 1, 2]
        let both = try Standardization.measured(matrix, rows: all[...], scales: true, centers: true, pool: pool)
        #expect(abs(both.mean[0] - 3) < 1e-6 && abs(both.inverseDeviation[0] - 0.612_372_4) < 1e-6)
        #expect(both.mean[1] == 5 && both.inverseDeviation[1] == 0)
        let scaled = try Standardization.measured(matrix, rows: all[...], scales: true, centers: false, pool: pool)
        #expect(scaled.mean == [0, 0, 0] && scaled.inverseDeviation[1] == 1)
        let sparse = try #require(
            SparseMatrix(columnCount: 2, rowStarts: [0, 1, 1, 2, 3], columns: [0, 0, 1], values: [4, 2, 8]))
        let found = try Standardization.measured(.sparse(sparse), rows: [0, 1, 2, 3][...], scales: true, centers: true, pool: pool)
        #expect(found.mean == [1.5, 2])
        #expect(abs(1 / found.inverseDeviation[0] - 1.658_312_4) < 1e-5)
    }
}
