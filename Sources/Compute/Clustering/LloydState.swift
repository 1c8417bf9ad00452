// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Rows' bounds and centres between the steps of Lloyd's algorithm, in the rows' stored units.
final class LloydState: @unchecked Sendable {
    let rows: ClusterRows
    let groups: CentreGroups
    let centres: Centres
    let sums: ClusterSums
    let assigned: AlignedBuffer<UInt32>
    private(set) var distanceCount = 0

    private let count: Int
    private let groupCount: Int
    private let upper: AlignedBuffer<Float>
    /// [row][group].
    private let lower: AlignedBuffer<Float>
    private let scheduler: TileScheduler<TileScratch>
    // Rows that moved, tile by tile at the place of the tile's first row, then one after another.
    private let moved: AlignedBuffer<UInt32>
    private let movedFrom: AlignedBuffer<UInt32>
    private let movedTo: AlignedBuffer<UInt32>
    private let movedCounts: AlignedBuffer<Int>
    private let lookedAt: AlignedBuffer<Int>
    /// How far each centre went in the last step, and half its distance to the nearest other (0 where that is not computed).
    private let drift: AlignedBuffer<Float>
    private let halfGap: AlignedBuffer<Float>
    /// Whether half gaps let so many rows alone that they are worth computing.
    private var usesGaps: Bool
    /// The farthest step in each group, whose it was, and the farthest of the others.
    private let groupDrift: AlignedBuffer<Float>
    private let groupCentre: AlignedBuffer<UInt32>
    private let groupSecond: AlignedBuffer<Float>

    init(_ rows: ClusterRows, start: [Float], groups: CentreGroups, pool: ThreadPool) {
        self.rows = rows
        self.groups = groups
        count = groups.order.count
        groupCount = groups.groupCount
        centres = Centres(start, count: count, for: rows)
        sums = ClusterSums(clusterCount: count, for: rows)
        assigned = AlignedBuffer(count: rows.rowCount)
        upper = AlignedBuffer(count: rows.rowCount)
        lower = AlignedBuffer(count: rows.rowCount * groups.groupCount)
        moved = AlignedBuffer(count: rows.rowCount)
        movedFrom = AlignedBuffer(count: rows.rowCount)
        movedTo = AlignedBuffer(count: rows.rowCount)
        drift = AlignedBuffer(count: groups.order.count)
        halfGap = AlignedBuffer(count: groups.order.count)
        usesGaps = groups.order.count > 1 && groups.order.count <= max(2, min(1024, rows.rowCount / 10))
        groupDrift = AlignedBuffer(count: groups.groupCount)
        groupCentre = AlignedBuffer(count: groups.groupCount)
        groupSecond = AlignedBuffer(count: groups.groupCount)
        var isBytes = false
        if case .bytes = rows.storage { isBytes = true }
        let tileRowCount = NearestCentre.tileRowCount(centreCount: groups.order.count)
        let centreCount = groups.order.count
        scheduler = TileScheduler(rowCount: rows.rowCount, tileRowCount: tileRowCount, pool: pool) {
            TileScratch(rowCount: tileRowCount, centreCount: centreCount, isBytes: isBytes)
        }
        movedCounts = AlignedBuffer(count: scheduler.tileCount)
        lookedAt = AlignedBuffer(count: scheduler.tileCount)
    }

    // MARK: Assignment

    /// Puts every row to its nearest centre and gives the number of rows that moved.
    func assign(_ pointer: RowPointer, isFirst: Bool, pool: ThreadPool) -> Int {
        guard rows.rowCount > 0, count > 0 else { return 0 }
        if usesGaps { computeGaps(pool) }
        let search = UncheckedSendable(NearestCentre(rows, pointer, centres))
        scheduler.forEach(pool) { tile, range, scratch in
            var looked = 0
            movedCounts.start[tile] =
                isFirst
                ? assignAll(range, search.value, scratch, &looked) : assignSome(range, search.value, scratch, &looked)
            lookedAt.start[tile] = looked
        }
        if usesGaps, isFirst {
            let spared = (0..<rows.rowCount).reduce(0) { $0 + (upper.start[$1] <= halfGap.start[Int(assigned.start[$1])] ? 1 : 0) }
            if spared * 20 < rows.rowCount {
                usesGaps = false
                halfGap.elements.update(repeating: 0)
            }
        }
        distanceCount += lookedAt.elements.reduce(0, +)
        var total = 0
        for tile in 0..<scheduler.tileCount {
            let first = tile * scheduler.tileRowCount
            for index in first..<first + movedCounts.start[tile] {
                moved.start[total] = moved.start[index]
                movedFrom.start[total] = movedFrom.start[index]
                movedTo.start[total] = movedTo.start[index]
                total += 1
            }
        }
        sums.move(pointer, rows: moved.start, from: movedFrom.start, to: movedTo.start, count: total, pool: pool)
        return total
    }

    private func assignAll(_ range: Range<Int>, _ search: NearestCentre, _ scratch: TileScratch, _ looked: inout Int) -> Int {
        for (place, row) in range.enumerated() { scratch.indices.start[place] = UInt32(row) }
        scratch.distances.squared(
            rows, search.pointer, scratch.indices.start, range.count, centres, first: 0, count: count,
            into: scratch.squared.start, stride: count)
        looked += range.count * count
        for (place, row) in range.enumerated() {
            let squared = scratch.squared.start + place * count
            let found = search.nearest(row, squared, scratch.distances)
            upper.start[row] = Self.roundedUp(found.upper)
            for group in 0..<groupCount { setLower(row, group, squared, without: found.centre, search) }
            assigned.start[row] = UInt32(found.centre)
            moved.start[row] = UInt32(row)
            movedFrom.start[row] = UInt32.max
            movedTo.start[row] = UInt32(found.centre)
        }
        return range.count
    }

    private func assignSome(_ range: Range<Int>, _ search: NearestCentre, _ scratch: TileScratch, _ looked: inout Int) -> Int {
        // Rows whose bounds meet, first as they are, then with the true distance to their own centre.
        let indices = scratch.indices.start
        var remaining = withBounds { moveClusterBounds($0, range.lowerBound, range.upperBound, indices) }
        let ownSquared = scratch.ownSquared.start
        for place in 0..<remaining { scratch.own.start[place] = assigned.start[Int(indices[place])] }
        scratch.distances.paired(rows, search.pointer, indices, scratch.own.start, remaining, centres, into: ownSquared)
        looked += remaining
        for place in 0..<remaining {
            let row = Int(indices[place])
            upper.start[row] = min(upper.start[row], Self.roundedUp(search.upper(ownSquared[place])))
        }
        remaining = withBounds { keepClusterBounds($0, indices, ownSquared, remaining) }
        guard remaining > 0 else { return 0 }
        if groupCount == 1 {
            scratch.distances.squared(
                rows, search.pointer, scratch.indices.start, remaining, centres, first: 0, count: count,
                into: scratch.squared.start, stride: count)
            looked += remaining * count
        } else {
            evaluateGroups(remaining, search, scratch, &looked)
        }
        var movedCount = 0
        for place in 0..<remaining {
            let row = Int(scratch.indices.start[place])
            let squared = scratch.squared.start + place * count
            let old = Int(assigned.start[row])
            let found = search.nearest(row, squared, scratch.distances)
            upper.start[row] = Self.roundedUp(found.upper)
            for group in 0..<groupCount { setLower(row, group, squared, without: found.centre, search) }
            guard found.centre != old else { continue }
            assigned.start[row] = UInt32(found.centre)
            let index = range.lowerBound + movedCount
            moved.start[index] = UInt32(row)
            movedFrom.start[index] = UInt32(old)
            movedTo.start[index] = UInt32(found.centre)
            movedCount += 1
        }
        return movedCount
    }

    /// Squared distances of the rows looked at to the groups whose bounds they meet; infinity for all others.
    private func evaluateGroups(_ remaining: Int, _ search: NearestCentre, _ scratch: TileScratch, _ looked: inout Int) {
        scratch.squared.start.update(repeating: .infinity, count: remaining * count)
        for place in 0..<remaining {
            let row = Int(scratch.indices.start[place])
            scratch.squared.start[place * count + Int(assigned.start[row])] = scratch.ownSquared.start[place]
        }
        for group in 0..<groupCount {
            let first = groups.starts[group]
            let width = groups.starts[group + 1] - first
            var picked = 0
            for place in 0..<remaining {
                let row = Int(scratch.indices.start[place])
                guard lower.start[row * groupCount + group] < upper.start[row] else { continue }
                if width == 1, Int(assigned.start[row]) == first { continue }
                scratch.picked.start[picked] = UInt32(row)
                scratch.pickedPlaces.start[picked] = UInt32(place)
                picked += 1
            }
            scratch.distances.squared(
                rows, search.pointer, scratch.picked.start, picked, centres, first: first, count: width,
                into: scratch.fresh.start, stride: width)
            looked += picked * width
            for index in 0..<picked {
                let target = scratch.squared.start + Int(scratch.pickedPlaces.start[index]) * count + first
                for centre in 0..<width { target[centre] = scratch.fresh.start[index * width + centre] }
            }
        }
    }

    /// The bound of a group from the distances that are known of it, except that to the row's centre.
    ///
    /// Where none is known, the old bound stays; where only the centre that the row left is known, the lesser of both.
    private func setLower(
        _ row: Int, _ group: Int, _ squared: UnsafePointer<Double>, without centre: Int, _ search: NearestCentre
    ) {
        var least = Double.infinity
        var unknownCount = 0
        for other in groups.starts[group]..<groups.starts[group + 1] where other != centre {
            let value = squared[other]
            if value < least { least = value }
            if value == .infinity { unknownCount += 1 }
        }
        let index = row * groupCount + group
        let bound = least == .infinity ? Float.infinity : Self.roundedDown(search.lower(least))
        if unknownCount == 0 { lower.start[index] = bound } else { lower.start[index] = min(lower.start[index], bound) }
    }

    private func withBounds(_ body: (UnsafePointer<ClusterBounds>) -> Int) -> Int {
        var bounds = ClusterBounds(
            upper: upper.start, lower: lower.start, own: assigned.start, groups: UInt32(groupCount), drift: drift.start,
            halfGap: halfGap.start, groupDrift: groupDrift.start, groupCentre: groupCentre.start, groupSecond: groupSecond.start)
        return body(&bounds)
    }

    private static func roundedUp(_ value: Double) -> Float { Float(value * (1 + 2e-7)) }
    private static func roundedDown(_ value: Double) -> Float { Float(value * (1 - 2e-7)) }

    // MARK: Centres

    /// Moves centres to the means of their rows.
    func update(pool: ThreadPool) {
        let columnCount = rows.columnCount
        pool.parallelFor(count) { centre in
            let target = centres[centre]
            withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, columnCount)) { old in
                guard let old = old.baseAddress else { return }
                old.update(from: target, count: columnCount)
                drift.start[centre] = 0
                guard sums.mean(centre, into: target) else { return }
                centres.prepare(centre)
                drift.start[centre] = Float(Centres.distance(old, target, columnCount) * (1 + 1e-6))
            }
        }
        for group in 0..<groupCount {
            var first = groups.starts[group]
            for centre in groups.starts[group]..<groups.starts[group + 1] where drift.start[centre] > drift.start[first] {
                first = centre
            }
            groupDrift.start[group] = drift.start[first]
            groupCentre.start[group] = UInt32(first)
            groupSecond.start[group] = 0
            for centre in groups.starts[group]..<groups.starts[group + 1] where centre != first {
                groupSecond.start[group] = max(groupSecond.start[group], drift.start[centre])
            }
        }
    }

    private func computeGaps(_ pool: ThreadPool) {
        pool.parallelFor(count) { centre in
            var least = Double.infinity
            for other in 0..<count where other != centre {
                least = min(least, Centres.distance(centres[centre], centres[other], rows.columnCount))
            }
            halfGap.start[centre] = Float(least / 2 * (1 - 1e-6))
        }
    }

    /// The sum of weighted squared distances of rows to the centres they are assigned to.
    func inertia(_ pointer: RowPointer, pool: ThreadPool) -> Double {
        if pointer.bytes != nil { return sums.squaredDistances(to: centres, pool: pool) }
        let parts = AlignedBuffer<Double>(count: scheduler.tileCount)
        scheduler.forEach(pool) { tile, range, scratch in
            parts.start[tile] = range.reduce(0) { sum, row in
                let weight = rows.weights.map { Double($0.start[row]) } ?? 1
                return sum + weight * scratch.distances.exact(rows, pointer, row, centres, Int(assigned.start[row]))
            }
        }
        return parts.elements.reduce(0, +)
    }
}
