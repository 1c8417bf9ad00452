// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

@Suite struct NeighborSearchTests {
    private func values(_ count: Int, seed: UInt64, around mean: Float = 0) -> [Float] {
        var random = Random(seed: seed)
        return (0..<count).map { _ in mean + random.normal() }
    }

    /// Every row measured in float64, then sorted.
    private func plain(_ rows: [Float], _ query: [Float], _ metric: NeighborSearch.Metric) -> [UInt32] {
        let width = query.count
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let distances = (0..<rows.count / width).map { row in
            let row = Array(rows[row * width..<(row + 1) * width])
            switch metric {
            case .squaredDistance:
                return zip(row, query).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
            case .innerProduct: return -dot(row, query)
            case .cosine: return 1 - dot(row, query) / (dot(row, row) * dot(query, query)).squareRoot()
            }
        }
        return distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.map { UInt32($0) }
    }

    /// Rows far from the origin are told apart as well, which products in float32 alone could not do.
    @Test(arguments: NeighborSearch.Metric.allCases, [Float(0), 1000])
    func theNearestAreThoseOfAPlainSearch(metric: NeighborSearch.Metric, mean: Float) throws {
        // Cosines of rows far away differ less than their float32 lengths do.
        let mean = metric == .cosine ? 0 : mean
        let (width, count) = (19, 7)
        let rows = values(2500 * width, seed: 1, around: mean)
        let queries = values(70 * width, seed: 2, around: mean)
        let search = try #require(NeighborSearch(rows, columnCount: width, metric: metric))
        let found = search.nearest(queries, count: count, pool: ThreadPool(threadCount: 2))
        #expect(found.count == count && found.distances.count == 70 * count)
        for query in 0..<70 {
            let expected = plain(rows, Array(queries[query * width..<(query + 1) * width]), metric)
            #expect(Array(found.rows[query * count..<(query + 1) * count]) == Array(expected.prefix(count)))
        }
    }

    @Test func threadsAndCompanyChangeNothing() throws {
        let rows = values(3000 * 8, seed: 3)
        let queries = values(200 * 8, seed: 4)
        let search = try #require(NeighborSearch(rows, columnCount: 8, metric: .squaredDistance))
        let one = search.nearest(queries, count: 5, pool: ThreadPool(threadCount: 1))
        #expect(search.nearest(queries, count: 5, pool: ThreadPool(threadCount: 3)) == one)
        let alone = search.nearest(Array(queries[72 * 8..<73 * 8]), count: 5, pool: ThreadPool(threadCount: 1))
        #expect(alone.rows == Array(one.rows[72 * 5..<73 * 5]) && alone.distances == Array(one.distances[72 * 5..<73 * 5]))
    }

    @Test func equalRowsAreInTheirOrderAndExtremesAreNoTrouble() throws {
        let equal = try #require(NeighborSearch([Float](repeating: 2, count: 40), columnCount: 4, metric: .squaredDistance))
        let found = equal.nearest([2, 2, 2, 2], count: 3, pool: ThreadPool(threadCount: 1))
        #expect(found.rows == [0, 1, 2] && found.distances == [0, 0, 0])
        #expect(equal.nearest([2, 2, 2, 2], count: 99, pool: ThreadPool(threadCount: 1)).count == 10)
        // Squares beyond float32's range, and below it.
        let huge = try #require(NeighborSearch([3e25, 1e25, 2e25], columnCount: 1, metric: .squaredDistance))
        #expect(huge.nearest([1.1e25], count: 2, pool: ThreadPool(threadCount: 1)).rows == [1, 2])
        let tiny = try #require(NeighborSearch([3e-30, 1e-30, 2e-30], columnCount: 1, metric: .squaredDistance))
        #expect(tiny.nearest([1.1e-30], count: 2, pool: ThreadPool(threadCount: 1)).rows == [1, 2])
        let zeros = try #require(NeighborSearch([0, 0, 1, 0], columnCount: 2, metric: .cosine))
        #expect(zeros.nearest([0, 0], count: 2, pool: ThreadPool(threadCount: 1)).distances == [1, 1])
    }

    @Test func valuesThatMakeNoRowsAreRefused() {
        #expect(NeighborSearch([1, 2, 3], columnCount: 2, metric: .squaredDistance) == nil)
        #expect(NeighborSearch([1, 2, 3], columnCount: 0, metric: .squaredDistance) == nil)
    }
}
