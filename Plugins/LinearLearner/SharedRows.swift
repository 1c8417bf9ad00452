// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Which of a channel's rows are this host's, and how many all hosts have together.
///
/// A sharded channel's rows are all this host's own. Of a replicated one, which every host has whole, each takes its share, so that no
/// row counts twice: several hosts learn what one would.
struct SharedRows {
    /// This host's rows, in the order that was given.
    let own: [UInt32]
    /// The rows that statistics are taken of: all of this host's files.
    let all: [UInt32]
    /// The number of rows of all hosts.
    let totalCount: Int
    /// Who has other rows than this host: nobody where the channel is replicated.
    let holders: any Collectives

    init(_ order: [UInt32], of channel: InputChannel, _ collectives: any Collectives) throws {
        all = order
        guard collectives.count > 1, channel.distribution == .fullyReplicated else {
            own = order
            holders = collectives
            totalCount = Int(try collectives.sum([Double(order.count)])[0])
            return
        }
        own = stride(from: collectives.rank, to: order.count, by: collectives.count).map { order[$0] }
        holders = SingleProcess()
        totalCount = order.count
    }

    /// This host's part of a sample of `count` rows of all.
    func sample(_ count: Int) -> ArraySlice<UInt32> { own.prefix(part(count, of: own)) }

    /// The rows to take statistics of, when `count` of all hosts' rows do: all of them from this host where it has all.
    func statistics(_ count: Int) -> ArraySlice<UInt32> { all.prefix(part(count, of: all)) }

    private func part(_ count: Int, of rows: [UInt32]) -> Int {
        guard count < totalCount else { return rows.count }
        return (count * rows.count + totalCount - 1) / max(1, totalCount)
    }
}

extension Collectives {
    /// Throws ``UserError`` where a host's rows have another width than this one's.
    func checkWidth(_ width: Int) throws {
        guard count > 1 else { return }
        let widths = try allGather([Double(width)]).map { Int($0.first ?? 0) }
        guard let other = widths.firstIndex(where: { $0 != width }) else { return }
        throw UserError(
            "channel 'train' has rows of \(width) features on host \(rank + 1) and of \(widths[other]) on host \(other + 1); all rows "
                + "must have the same number, which hyperparameter 'feature_dim' can give")
    }
}
