// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

/// Lloyd's algorithm as the textbook has it, in float64: what the fast one is measured by.
private func plainLloyd(
    _ rows: [[Float]], weights: [Float]? = nil, from start: [[Float]]
) -> (centres: [[Float]], assignments: [Int], inertia: Double, iterationCount: Int) {
    func squared(_ row: [Float], _ centre: [Float]) -> Double {
        var sum = 0.0
        for column in row.indices {
            let difference = Double(row[column]) - Double(centre[column])
            sum += difference * difference
        }
        return sum
    }
    var centres = start
    var assignments: [Int] = []
    for iteration in 1... {
        let new = rows.map { row in centres.indices.min { squared(row, centres[$0]) < squared(row, centres[$1]) } ?? 0 }
        if new == assignments {
            let losses = rows.indices.map { Double(weights?[$0] ?? 1) * squared(rows[$0], centres[new[$0]]) }
            return (centres, assignments, losses.reduce(0, +), iteration)
        }
        assignments = new
        for centre in centres.indices {
            var sums = [Double](repeating: 0, count: centres[centre].count)
            var total = 0.0
            for (index, row) in rows.enumerated() where new[index] == centre {
                let weight = Double(weights?[index] ?? 1)
                total += weight
                for column in row.indices { sums[column] += weight * Double(row[column]) }
            }
            if total > 0 { centres[centre] = sums.map { Float($0 / total) } }
        }
    }
    return (centres, assignments, 0, 0)
}

/// Rows around some means, as bytes or as floats.
private func groupedRows(_ count: Int, width: Int, groups: Int, seed: UInt64, bytes: Bool) -> [[Float]] {
    var random = Random(seed: seed)
    let means = (0..<groups).map { _ in (0..<width).map { _ in random.uniform() * 200 } }
    return (0..<count).map { row in
        means[row % groups].map { mean in
            let value = mean + 45 * random.normal()
            return bytes ? min(255, max(0, value.rounded())) : value
        }
    }
}

private func clusterRows(_ rows: [[Float]], weights: [Float]? = nil, pool: ThreadPool) throws -> ClusterRows {
    let matrix = try #require(Matrix(rowCount: rows.count, columnCount: rows.first?.count ?? 0, values: rows.flatMap { $0 }))
    return ClusterRows(matrix.compacted(with: pool), weights: weights, pool: pool)
}

@Suite struct ClusteringTests {
    private let pool = ThreadPool(threadCount: 2)

    @Test(arguments: Lloyd.Method.allCases, [true, false])
    func everyMethodGoesTheWayOfThePlainOne(method: Lloyd.Method, bytes: Bool) throws {
        for (count, width, k) in [(200, 5, 4), (250, 83, 12), (150, 70, 24)] {
            let rows = groupedRows(count, width: width, groups: k - 1, seed: UInt64(k), bytes: bytes)
            let start = Array(rows.prefix(k))
            let expected = plainLloyd(rows, from: start)
            let data = try clusterRows(rows, pool: pool)
            let found = Lloyd(method: method).run(data, from: start.flatMap { $0 }, count: k, pool: pool)
            #expect(found.isConverged)
            #expect(found.assignments.map { Int($0) } == expected.assignments)
            #expect(found.iterationCount == expected.iterationCount)
            #expect(abs(found.inertia / expected.inertia - 1) < 1e-6)
            for (value, wanted) in zip(found.centres, expected.centres.flatMap { $0 }) { #expect(abs(value - wanted) < 1e-3) }
            #expect(found.counts == (0..<k).map { centre in expected.assignments.filter { $0 == centre }.count })
            // Bounds spare work, or the method is not worth having.
            #expect(found.distanceCount < count * k * found.iterationCount)
        }
    }

    @Test func weightsCount() throws {
        let rows = groupedRows(200, width: 7, groups: 4, seed: 3, bytes: true)
        let weights = rows.indices.map { Float($0 % 5) }
        let expected = plainLloyd(rows, weights: weights, from: Array(rows.prefix(5)))
        let data = try clusterRows(rows, weights: weights, pool: pool)
        let found = Lloyd().run(data, from: rows.prefix(5).flatMap { $0 }, count: 5, pool: pool)
        #expect(found.assignments.map { Int($0) } == expected.assignments)
        #expect(abs(found.inertia / expected.inertia - 1) < 1e-6)
    }

    @Test(arguments: [true, false])
    func theNumberOfThreadsChangesNothing(bytes: Bool) throws {
        let rows = groupedRows(900, width: 300, groups: 6, seed: 9, bytes: bytes)
        var results: [[Float]] = []
        for threadCount in [1, 3] {
            let pool = ThreadPool(threadCount: threadCount)
            let data = try clusterRows(rows, pool: pool)
            var random = Random(seed: 4)
            let start = Seeding.plusPlus.centres(6, of: data, random: &random, pool: pool)
            results.append(Lloyd().run(data, from: start, count: 6, pool: pool).centres)
        }
        #expect(results[0] == results[1])
    }

    @Test func tiesGoToTheLowerNumberAndEmptyClustersStay() throws {
        let rows: [[Float]] = [[0, 0], [2, 0], [4, 0], [1, 0]]
        let data = try clusterRows(rows, pool: pool)
        let start: [Float] = [0, 0, 2, 0, 100, 100]
        let assigned = ClusterAssignment.nearest(data, to: start, count: 3, pool: pool)
        #expect(assigned.centres == [0, 1, 1, 0])
        #expect(assigned.distances == [0, 0, 2, 1])
        let found = Lloyd().run(data, from: start, count: 3, pool: pool)
        #expect(found.counts == [2, 2, 0])
        #expect(Array(found.centres.suffix(2)) == [100, 100])
    }

    @Test(arguments: [1e-25, 1, 1e25] as [Float])
    func valuesOfAnySizeAreToldApart(unit: Float) throws {
        let rows = groupedRows(300, width: 9, groups: 3, seed: 5, bytes: false).map { $0.map { $0 * unit } }
        let data = try clusterRows(rows, pool: pool)
        var random = Random(seed: 1)
        let start = Seeding.plusPlus.centres(3, of: data, random: &random, pool: pool)
        let found = Lloyd().run(data, from: start, count: 3, pool: pool)
        #expect(Set(found.assignments.prefix(3)).count == 3)
        #expect(found.centres.allSatisfy(\.isFinite) && found.inertia.isFinite)
    }

    @Test func plusPlusSpreadsCentres() throws {
        for bytes in [true, false] {
            let rows = groupedRows(400, width: 40, groups: 8, seed: 6, bytes: bytes)
            let data = try clusterRows(rows, pool: pool)
            for seed in 0..<5 as Range<UInt64> {
                var random = Random(seed: seed)
                let chosen = Seeding.plusPlus.rows(8, of: data, random: &random, pool: pool)
                #expect(Set(chosen).count == 8)
                #expect(Set(chosen.map { $0 % 8 }).count >= 7)
            }
        }
        let same = try clusterRows([[Float]](repeating: [3, 4], count: 10), pool: pool)
        var random = Random(seed: 1)
        #expect(Seeding.plusPlus.rows(3, of: same, random: &random, pool: pool).count == 3)
        #expect(Set(Seeding.random.rows(20, of: same, random: &random, pool: pool)) == Set(0..<10))
    }

    @Test func aToleranceEndsEarly() throws {
        let rows = groupedRows(2000, width: 20, groups: 5, seed: 8, bytes: true)
        let data = try clusterRows(rows, pool: pool)
        let start = rows.prefix(9).flatMap { $0 }
        let whole = Lloyd().run(data, from: start, count: 9, pool: pool)
        let early = Lloyd(tolerance: 0.01).run(data, from: start, count: 9, pool: pool)
        #expect(early.iterationCount < whole.iterationCount)
        #expect(early.inertia < whole.inertia * 1.1)
        #expect(Lloyd(maximumIterationCount: 2).run(data, from: start, count: 9, pool: pool).iterationCount == 2)
    }
}
