// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Lloyd's algorithm over all rows from given centres, exact, with distance bounds that spare it most distances.
///
/// A row keeps a bound from above on the distance to its own centre and bounds from below on those to groups of other centres; they
/// move with the centres, and only rows whose bounds meet are looked at. One group is Hamerly's method ("Making k-means even
/// faster", 2010), a group a centre is Elkan's ("Using the triangle inequality to accelerate k-means", 2003), groups of about ten are
/// Yinyang's (Ding and others, 2015).
public struct Lloyd: Sendable {
    /// How many groups of centres have bounds.
    public enum Method: Sendable, CaseIterable {
        case hamerly, elkan, yinyang
    }

    /// What came out.
    public struct Result: Sendable {
        /// Centres in the rows' own units, row after row.
        public var centres: [Float]
        /// Each row's centre, the nearest of those that the last step started from; of `centres` when it has converged.
        public var assignments: [UInt32]
        /// The number of rows of each centre.
        public var counts: [Int]
        /// The sum of (weighted) squared distances of rows to their centres, in the rows' own units.
        public var inertia: Double
        /// The number of assignment steps.
        public var iterationCount: Int
        /// Whether the last step moved no row.
        public var isConverged: Bool
        /// The number of distances between rows and centres that were computed.
        public var distanceCount: Int
    }

    /// At most so many steps.
    public var maximumIterationCount: Int
    /// Stops where a step lessens the loss by no more than this share; 0 goes on until no row moves.
    public var tolerance: Double
    /// Nil chooses by the numbers of rows, columns and centres.
    public var method: Method?

    /// Makes one from its parts.
    public init(maximumIterationCount: Int = 300, tolerance: Double = 0, method: Method? = nil) {
        self.maximumIterationCount = maximumIterationCount
        self.tolerance = tolerance
        self.method = method
    }

    /// Moves `count` centres, in the rows' own units, row after row.
    ///
    /// A centre without rows stays where it is. The result depends on neither the method nor the number of threads.
    public func run(_ rows: ClusterRows, from start: [Float], count: Int, pool: ThreadPool) -> Result {
        let method = method ?? Self.method(rowCount: rows.rowCount, columnCount: rows.columnCount, centreCount: count)
        let groups = CentreGroups(method, start, count: count, columnCount: rows.columnCount)
        let state = LloydState(rows, start: groups.ordered(start, columnCount: rows.columnCount), groups: groups, pool: pool)
        var iterations = 0
        var isConverged = false
        var loss = Double.infinity
        rows.withPointer { pointer in
            while iterations < maximumIterationCount {
                let movedCount = state.assign(pointer, isFirst: iterations == 0, pool: pool)
                iterations += 1
                if movedCount == 0, iterations > 1 {
                    isConverged = true
                    break
                }
                state.update(pool: pool)
                if tolerance > 0 {
                    let now = state.inertia(pointer, pool: pool)
                    if loss.isFinite, loss - now <= tolerance * loss { break }
                    loss = now
                }
            }
        }
        let inertia = rows.withPointer { state.inertia($0, pool: pool) } * rows.unit * rows.unit
        return Result(
            centres: groups.restored(state.centres.inUnits(of: rows), columnCount: rows.columnCount),
            assignments: state.assigned.elements.map { UInt32(groups.order[Int($0)]) },
            counts: groups.restored(state.sums.counts, columnCount: 1), inertia: inertia, iterationCount: iterations,
            isConverged: isConverged, distanceCount: state.distanceCount)
    }

    /// One bound for few centres, a bound each for more where a distance costs much and the bounds fit in memory, else groups.
    static func method(rowCount: Int, columnCount: Int, centreCount: Int) -> Method {
        if centreCount <= 16, columnCount < 4096 { return .hamerly }
        return columnCount >= 1024 && rowCount * centreCount <= 1 << 24 ? .elkan : .yinyang
    }
}

/// Centres in groups that lie one after another; `order` tells the given number of each.
struct CentreGroups: Sendable {
    let starts: [Int]
    let order: [Int]

    var groupCount: Int { starts.count - 1 }

    init(_ method: Lloyd.Method, _ centres: [Float], count: Int, columnCount: Int) {
        switch method {
        case .hamerly:
            starts = [0, count]
            order = Array(0..<count)
        case .elkan:
            starts = Array(0...count)
            order = Array(0..<count)
        case .yinyang:
            let groupOf = Self.alike(centres, count: count, columnCount: columnCount, groupCount: max(1, (count + 9) / 10))
            order = (0..<count).sorted { (groupOf[$0], $0) < (groupOf[$1], $1) }
            var starts = [0]
            for (place, centre) in order.enumerated().dropFirst() where groupOf[centre] != groupOf[order[place - 1]] {
                starts.append(place)
            }
            self.starts = starts + [count]
        }
    }

    /// A few plain steps of Lloyd's algorithm over the centres themselves.
    private static func alike(_ centres: [Float], count: Int, columnCount: Int, groupCount: Int) -> [Int] {
        guard groupCount > 1, let matrix = Matrix(rowCount: count, columnCount: columnCount, values: centres) else {
            return [Int](repeating: 0, count: count)
        }
        let pool = ThreadPool(threadCount: 1)
        let rows = ClusterRows(matrix, pool: pool)
        let start = (0..<groupCount).flatMap { rows.row($0 * count / groupCount) }
        return Lloyd(maximumIterationCount: 5, method: .hamerly).run(rows, from: start, count: groupCount, pool: pool)
            .assignments.map { Int($0) }
    }

    /// Given order to grouped order.
    func ordered<Value>(_ values: [Value], columnCount: Int) -> [Value] {
        order.flatMap { values[$0 * columnCount..<($0 + 1) * columnCount] }
    }

    /// Grouped order to given order.
    func restored<Value>(_ values: [Value], columnCount: Int) -> [Value] {
        var place = [Int](repeating: 0, count: order.count)
        for (index, centre) in order.enumerated() { place[centre] = index }
        return place.flatMap { values[$0 * columnCount..<($0 + 1) * columnCount] }
    }
}
