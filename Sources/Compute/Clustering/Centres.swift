// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Centres in the stored numbers of some rows: float32 values and, for rows of bytes, digits.
///
/// A byte row's distance to a centre comes from integer dot products with the centre's digits. That is the distance to a point
/// which lies `error` from the centre, so the true distance is known to within `error`.
final class Centres: @unchecked Sendable {
    let count: Int
    let columnCount: Int
    let stride: Int
    let values: AlignedBuffer<Float>
    /// Two rows a centre, high digits and low digits; empty for float32 rows.
    let digits: AlignedBuffer<Int8>
    /// What a digit stands for, the squared length of what the digits stand for, and the length of what they leave out.
    let units: AlignedBuffer<Double>
    let squares: AlignedBuffer<Double>
    let errors: AlignedBuffer<Double>
    /// Distances computed in float32 are right to within this share.
    let relativeError: Double
    private let hasDigits: Bool

    /// The largest number that two digits make.
    private static let largestNumber: Float = 8191

    init(count: Int, for rows: ClusterRows) {
        self.count = count
        columnCount = rows.columnCount
        stride = (rows.columnCount + 63) / 64 * 64
        if case .bytes = rows.storage { hasDigits = true } else { hasDigits = false }
        values = AlignedBuffer(count: count * stride)
        digits = AlignedBuffer(count: hasDigits ? 2 * count * stride : 0)
        units = AlignedBuffer(count: count)
        squares = AlignedBuffer(count: count)
        errors = AlignedBuffer(count: count)
        // Every partial sum of at least four side by side rounds once a column; the difference and its square round too.
        relativeError = hasDigits ? 1e-12 : Double(rows.columnCount / 4 + 16) * 0x1p-24
    }

    subscript(index: Int) -> UnsafeMutablePointer<Float> { values.start + index * stride }

    /// Takes over centres in the rows' own units, row after row.
    convenience init(_ given: [Float], count: Int, for rows: ClusterRows) {
        self.init(count: count, for: rows)
        for centre in 0..<count {
            for column in 0..<columnCount {
                self[centre][column] = Float(Double(given[centre * columnCount + column]) / rows.unit)
            }
            prepare(centre)
        }
    }

    /// In the rows' own units, row after row.
    func inUnits(of rows: ClusterRows) -> [Float] {
        (0..<count).flatMap { centre in (0..<columnCount).map { Float(Double(self[centre][$0]) * rows.unit) } }
    }

    /// Brings digits and norms in line with a centre's values; centres may be prepared side by side.
    func prepare(_ centre: Int) {
        guard hasDigits else { return }
        let pointer = self[centre]
        let largest = largestMagnitude(pointer, columnCount)
        let unit = largest == 0 ? 1 : largest / Self.largestNumber
        var errorSquares = 0.0
        KernelTable.cluster.centreDigits(
            pointer, columnCount, unit, digits.start + 2 * centre * stride, digits.start + (2 * centre + 1) * stride,
            squares.start + centre, &errorSquares)
        units.start[centre] = Double(unit)
        // The second part: squared distances are differences of float64 numbers as large as the squared lengths.
        errors.start[centre] = errorSquares.squareRoot() * (1 + 1e-9) + 1e-7 * squares.start[centre].squareRoot()
    }

    /// The largest of `errors`.
    var largestError: Double { errors.elements.max() ?? 0 }

    /// The distance between two centres of the same shape.
    static func distance(_ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ columnCount: Int) -> Double {
        KernelTable.cluster.exactFloatDistance(first, second, columnCount).squareRoot()
    }
}
