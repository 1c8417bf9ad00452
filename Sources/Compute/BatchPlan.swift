// SPDX-License-Identifier: Apache-2.0

/// How all hosts of a job cut their rows, so that the batches of one number, one on each host, make up one large batch.
public struct BatchPlan: Sendable, Equatable {
    /// The number of batches, the same on all hosts; a host's may differ by one row, or be empty.
    public var batchCount: Int
    /// Whether standardisation is folded into weights: gradients of hosts can be added only if all do it or none.
    public var foldsStandardization: Bool

    /// Agrees with the other hosts on batches of `batchSize` rows of all hosts together, of `rowCount` rows of all hosts.
    public init(
        _ features: FeatureMatrix, standardization: Standardization, rowCount: Int, batchSize: Int, collectives: any Collectives
    ) throws {
        let size = max(1, batchSize)
        batchCount = max(1, (rowCount + size - 1) / size)
        var votes = [0.0, FeatureBatches.folds(standardization, into: features) ? 1 : 0]
        if case .sparse = features { votes[0] = 1 }
        votes = try collectives.sum(votes)
        // Sparse rows can't be standardised without filling them up; dense ones can lose their zeros.
        foldsStandardization = votes[0] > 0 || votes[1] == Double(collectives.count)
    }
}
