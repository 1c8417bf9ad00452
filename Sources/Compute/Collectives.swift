// SPDX-License-Identifier: Apache-2.0

/// What several hosts of one job do together; every host makes the same calls in the same order.
///
/// The names are MPI's. A back end over a network or shared memory implements this protocol; algorithms see nothing else of it.
public protocol Collectives: Sendable {
    /// This host's number, from 0.
    var rank: Int { get }
    /// The number of hosts.
    var count: Int { get }
    /// Replaces the values by their sums over all hosts, the same bits everywhere.
    func allReduce(_ values: UnsafeMutableBufferPointer<Float>) throws
    /// Replaces the values by their sums over all hosts, the same bits everywhere.
    func allReduce(_ values: UnsafeMutableBufferPointer<Double>) throws
    /// Replaces the values by those of the host `root`.
    func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) throws
    /// The values of all hosts, in the order of their ranks; lengths may differ.
    func allGather(_ values: [Double]) throws -> [[Double]]
    /// Returns when all hosts have come here.
    func barrier() throws
}

extension Collectives {
    /// The sums of the values over all hosts.
    public func sum(_ values: [Double]) throws -> [Double] {
        guard count > 1 else { return values }
        var sums = values
        try sums.withUnsafeMutableBufferPointer { try allReduce($0) }
        return sums
    }
}

/// One host on its own: everything is there already.
public struct SingleProcess: Collectives {
    /// Always 0.
    public var rank: Int { 0 }
    /// Always 1.
    public var count: Int { 1 }

    /// The one and only.
    public init() {}

    /// The values are the sums.
    public func allReduce(_ values: UnsafeMutableBufferPointer<Float>) {}
    /// The values are the sums.
    public func allReduce(_ values: UnsafeMutableBufferPointer<Double>) {}
    /// The values are the root's.
    public func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) {}
    /// The values themselves.
    public func allGather(_ values: [Double]) -> [[Double]] { [values] }
    /// All are here.
    public func barrier() {}
}
