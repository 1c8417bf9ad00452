// SPDX-License-Identifier: Apache-2.0

/// Scratch memory of one thread for a tile of rows.
final class TileScratch: @unchecked Sendable {
    let distances: Distances
    /// The tile's rows that are looked at.
    let indices: AlignedBuffer<UInt32>
    let own: AlignedBuffer<UInt32>
    let ownSquared: AlignedBuffer<Double>
    let picked: AlignedBuffer<UInt32>
    let pickedPlaces: AlignedBuffer<UInt32>
    /// Squared distances of picked rows as they come, and of all rows looked at, infinite where not known.
    let fresh: AlignedBuffer<Double>
    let squared: AlignedBuffer<Double>

    init(rowCount: Int, centreCount: Int, isBytes: Bool) {
        distances = Distances(rowCount: rowCount, centreCount: centreCount, isBytes: isBytes)
        indices = AlignedBuffer(count: rowCount)
        own = AlignedBuffer(count: rowCount)
        ownSquared = AlignedBuffer(count: rowCount)
        picked = AlignedBuffer(count: rowCount)
        pickedPlaces = AlignedBuffer(count: rowCount)
        fresh = AlignedBuffer(count: rowCount * centreCount)
        squared = AlignedBuffer(count: rowCount * centreCount)
    }
}

/// Which centre is nearest, decided exactly: where computed distances are too close to tell, float64 decides, and the lower number
/// among equals.
struct NearestCentre {
    let rows: ClusterRows
    let pointer: RowPointer
    let centres: Centres
    let largestError: Double

    init(_ rows: ClusterRows, _ pointer: RowPointer, _ centres: Centres) {
        self.rows = rows
        self.pointer = pointer
        self.centres = centres
        largestError = centres.largestError
    }

    /// A bound from above on the distance that a computed squared distance stands for.
    func upper(_ squared: Double) -> Double {
        max(0, squared).squareRoot() * (1 + centres.relativeError) + largestError
    }

    /// A bound from below.
    func lower(_ squared: Double) -> Double {
        max(0, squared.squareRoot() * (1 - centres.relativeError) - largestError)
    }

    /// The nearest centre of a row and a bound from above on its distance; `squared` holds a number for each centre, infinite where it
    /// is known not to be the nearest.
    func nearest(_ row: Int, _ squared: UnsafePointer<Double>, _ distances: Distances) -> (centre: Int, upper: Double) {
        let count = centres.count
        var best = 0
        var least = squared[0]
        for centre in 1..<max(1, count) where squared[centre] < least {
            least = squared[centre]
            best = centre
        }
        let bound = upper(least)
        let reach = (bound + largestError) / (1 - centres.relativeError)
        let limit = reach * reach
        var closeCount = 0
        for centre in 0..<count { closeCount += squared[centre] <= limit ? 1 : 0 }
        guard closeCount > 1 else { return (best, bound) }
        var exactLeast = Double.infinity
        for centre in 0..<count where squared[centre] <= limit {
            let exact = distances.exact(rows, pointer, row, centres, centre)
            if exact < exactLeast {
                exactLeast = exact
                best = centre
            }
        }
        return (best, exactLeast.squareRoot() * (1 + 1e-9))
    }

    /// Rows of a tile so that its scratch memory stays in the second-level cache.
    static func tileRowCount(centreCount: Int) -> Int { min(256, max(16, 1 << 15 / max(1, centreCount))) }
}

/// Assignments of rows to their nearest centres.
public enum ClusterAssignment {
    /// The nearest of `count` centres (in the rows' own units, row after row) for each row, and its distance.
    ///
    /// Nearness is decided exactly; distances are computed in float64. Any number of threads gives the same.
    public static func nearest(
        _ rows: ClusterRows, to given: [Float], count: Int, pool: ThreadPool
    ) -> (centres: [UInt32], distances: [Float]) {
        let centres = Centres(given, count: count, for: rows)
        var distances = [Float](repeating: 0, count: rows.rowCount)
        let assigned = distances.withUnsafeMutableBufferPointer { distances in
            assign(rows, to: centres, distances: distances.baseAddress, pool: pool)
        }
        return (Array(assigned.elements), distances)
    }

    /// Adds the rows to the sums of their nearest centres, [centre][column] in the rows' own units, and counts them.
    ///
    /// `sums` has room for `count` rows of columns and `counts` for `count` numbers. Any number of threads gives the same.
    public static func addSums(
        of rows: ClusterRows, nearestTo given: [Float], count: Int, sums: inout [Double], counts: inout [Double], pool: ThreadPool
    ) {
        let assigned = assign(rows, to: Centres(given, count: count, for: rows), pool: pool)
        let parts = ClusterSums(clusterCount: count, for: rows)
        rows.withPointer { parts.fill($0, assigned, pool: pool) }
        for centre in 0..<count where parts.counts[centre] > 0 {
            counts[centre] += Double(parts.counts[centre])
            for column in 0..<rows.columnCount {
                sums[centre * rows.columnCount + column] += parts.sum(centre, column) * rows.unit
            }
        }
    }

    /// As above for centres in stored numbers; distances only where there is room for them.
    static func assign(
        _ rows: ClusterRows, to centres: Centres, distances: UnsafeMutablePointer<Float>? = nil, pool: ThreadPool
    ) -> AlignedBuffer<UInt32> {
        let assigned = AlignedBuffer<UInt32>(count: rows.rowCount)
        guard rows.rowCount > 0, centres.count > 0 else { return assigned }
        let target = UncheckedSendable(distances)
        rows.withPointer { pointer in
            let search = UncheckedSendable(NearestCentre(rows, pointer, centres))
            let scheduler = TileScheduler(
                rowCount: rows.rowCount, tileRowCount: NearestCentre.tileRowCount(centreCount: centres.count), pool: pool
            ) {
                TileScratch(
                    rowCount: NearestCentre.tileRowCount(centreCount: centres.count), centreCount: centres.count,
                    isBytes: pointer.bytes != nil)
            }
            scheduler.forEach(pool) { _, range, scratch in
                let search = search.value
                for (place, row) in range.enumerated() { scratch.indices.start[place] = UInt32(row) }
                scratch.distances.squared(
                    rows, pointer, scratch.indices.start, range.count, centres, first: 0, count: centres.count,
                    into: scratch.squared.start, stride: centres.count)
                for (place, row) in range.enumerated() {
                    let found = search.nearest(row, scratch.squared.start + place * centres.count, scratch.distances).centre
                    assigned.start[row] = UInt32(found)
                    if let distances = target.value {
                        let exact = scratch.distances.exact(rows, pointer, row, centres, found)
                        distances[row] = Float(exact.squareRoot() * rows.unit)
                    }
                }
            }
        }
        return assigned
    }
}
