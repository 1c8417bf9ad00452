// SPDX-License-Identifier: Apache-2.0

/// Examples in memory: rows of float32 features, dense or sparse, and their labels.
public struct ExampleSet: Sendable, Equatable {
    /// The features, row after row.
    public enum Features: Sendable, Equatable {
        /// `count * featureCount` values.
        case dense([Float])
        /// Compressed rows: row r has the entries `rowStarts[r] ..< rowStarts[r + 1]`, columns ascending.
        case sparse(rowStarts: [Int], columns: [Int32], values: [Float])
    }

    /// The number of examples.
    public var count: Int
    /// The number of features of each.
    public var featureCount: Int
    /// The features.
    public var features: Features
    /// One label an example; empty where there are none.
    public var labels: [Float]

    /// Makes one from its parts.
    public init(count: Int, featureCount: Int, features: Features, labels: [Float] = []) {
        self.count = count
        self.featureCount = featureCount
        self.features = features
        self.labels = labels
    }

    /// Whether the examples have labels.
    public var isLabelled: Bool { count > 0 && labels.count == count }

    /// All values, row after row; sparse rows are filled up with zeros.
    public func denseValues() -> [Float] {
        switch features {
        case .dense(let values): return values
        case .sparse(let rowStarts, let columns, let values):
            var dense = [Float](repeating: 0, count: count * featureCount)
            for row in 0..<count {
                for entry in rowStarts[row]..<rowStarts[row + 1] {
                    dense[row * featureCount + Int(columns[entry])] = values[entry]
                }
            }
            return dense
        }
    }
}
