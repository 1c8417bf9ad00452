// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The hosts of a job that Open MPI's `mpirun` started, this process being one of them.
///
/// The library is loaded at run time (`libmpi.so.40`, the interface of Open MPI 4 and 5; names and values are those of its `mpi.h`), so that
/// a program without several hosts does not need it. Calls must come one after the other, from whatever thread.
public final class MessagePassing: Collectives, @unchecked Sendable {
    /// Why hosts cannot talk to each other.
    public enum Failure: Error, Sendable, CustomStringConvertible {
        /// The library is not installed.
        case noLibrary
        /// A call failed, with MPI's number for the reason.
        case call(name: String, code: Int)

        /// The text for people.
        public var description: String {
            switch self {
            case .noLibrary: "Open MPI's library libmpi.so.40 is not installed; it comes with: apt-get install openmpi-bin"
            case .call(let name, let code): "\(name) failed with MPI's error \(code)"
            }
        }
    }

    private typealias Initialize =
        @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, CInt, UnsafeMutablePointer<CInt>) -> CInt
    private typealias Ask = @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<CInt>) -> CInt
    private typealias Reduce =
        @convention(c) (
            UnsafeRawPointer?, UnsafeMutableRawPointer?, CInt, UnsafeMutableRawPointer, UnsafeMutableRawPointer,
            UnsafeMutableRawPointer
        ) -> CInt
    private typealias Broadcast =
        @convention(c) (UnsafeMutableRawPointer?, CInt, UnsafeMutableRawPointer, CInt, UnsafeMutableRawPointer) -> CInt
    private typealias Gather =
        @convention(c) (
            UnsafeRawPointer?, CInt, UnsafeMutableRawPointer, UnsafeMutableRawPointer?, UnsafePointer<CInt>?, UnsafePointer<CInt>?,
            UnsafeMutableRawPointer, UnsafeMutableRawPointer
        ) -> CInt
    private typealias Wait = @convention(c) (UnsafeMutableRawPointer) -> CInt
    private typealias End = @convention(c) () -> CInt

    private let reduceFunction: Reduce
    private let broadcastFunction: Broadcast
    private let gatherFunction: Gather
    private let barrierFunction: Wait
    private let finalizeFunction: End
    private let world: UnsafeMutableRawPointer
    private let float: UnsafeMutableRawPointer
    private let double: UnsafeMutableRawPointer
    private let sum: UnsafeMutableRawPointer
    /// This host's number, from 0.
    public let rank: Int
    /// The number of hosts.
    public let count: Int

    /// MPI_IN_PLACE.
    private static var inPlace: UnsafeRawPointer? { UnsafeRawPointer(bitPattern: 1) }
    /// MPI_THREAD_SERIALIZED: several threads, but one call at a time.
    private static let serialized: CInt = 2
    /// A message has at most so many numbers, because MPI counts with 32 bits.
    private static let pieceLength = 1 << 28

    /// Joins the other hosts; returns when all have come.
    ///
    /// - Throws: ``Failure``.
    public init() throws {
        // Open MPI's own plugins look for its symbols among the global ones.
        guard let handle = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL) else { throw Failure.noLibrary }
        func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
            guard let found = dlsym(handle, name) else { throw Failure.noLibrary }
            return found
        }
        reduceFunction = unsafeBitCast(try symbol("MPI_Allreduce"), to: Reduce.self)
        broadcastFunction = unsafeBitCast(try symbol("MPI_Bcast"), to: Broadcast.self)
        gatherFunction = unsafeBitCast(try symbol("MPI_Allgatherv"), to: Gather.self)
        barrierFunction = unsafeBitCast(try symbol("MPI_Barrier"), to: Wait.self)
        finalizeFunction = unsafeBitCast(try symbol("MPI_Finalize"), to: End.self)
        world = try symbol("ompi_mpi_comm_world")
        float = try symbol("ompi_mpi_float")
        double = try symbol("ompi_mpi_double")
        sum = try symbol("ompi_mpi_op_sum")
        let initialize = unsafeBitCast(try symbol("MPI_Init_thread"), to: Initialize.self)
        var provided: CInt = 0
        try Self.check("MPI_Init_thread", initialize(nil, nil, Self.serialized, &provided))
        var numbers: (rank: CInt, count: CInt) = (0, 1)
        try Self.check("MPI_Comm_rank", unsafeBitCast(try symbol("MPI_Comm_rank"), to: Ask.self)(world, &numbers.rank))
        try Self.check("MPI_Comm_size", unsafeBitCast(try symbol("MPI_Comm_size"), to: Ask.self)(world, &numbers.count))
        rank = Int(numbers.rank)
        count = Int(numbers.count)
    }

    private static func check(_ name: String, _ code: CInt) throws {
        guard code == 0 else { throw Failure.call(name: name, code: Int(code)) }
    }

    /// Says goodbye, and returns when all hosts have come here; no other call may follow.
    public func leave() throws {
        try Self.check("MPI_Finalize", finalizeFunction())
    }

    /// Replaces the values by their sums over all hosts.
    public func allReduce(_ values: UnsafeMutableBufferPointer<Float>) throws { try reduce(values, float) }
    /// Replaces the values by their sums over all hosts.
    public func allReduce(_ values: UnsafeMutableBufferPointer<Double>) throws { try reduce(values, double) }

    private func reduce<Number>(_ values: UnsafeMutableBufferPointer<Number>, _ type: UnsafeMutableRawPointer) throws {
        try forEachPiece(values) { start, count in
            try Self.check("MPI_Allreduce", reduceFunction(Self.inPlace, start, count, type, sum, world))
        }
    }

    /// Replaces the values by those of the host `root`.
    public func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) throws {
        try forEachPiece(values) { start, count in
            try Self.check("MPI_Bcast", broadcastFunction(start, count, float, CInt(root), world))
        }
    }

    private func forEachPiece<Number>(
        _ values: UnsafeMutableBufferPointer<Number>, _ body: (UnsafeMutablePointer<Number>, CInt) throws -> Void
    ) rethrows {
        guard let start = values.baseAddress else { return }
        for first in stride(from: 0, to: values.count, by: Self.pieceLength) {
            try body(start + first, CInt(min(Self.pieceLength, values.count - first)))
        }
    }

    /// The values of all hosts, in the order of their ranks; together at most 2³¹ - 1.
    public func allGather(_ values: [Double]) throws -> [[Double]] {
        var lengths = [Double](repeating: 0, count: count)
        lengths[rank] = Double(values.count)
        try lengths.withUnsafeMutableBufferPointer { try allReduce($0) }
        let counts = lengths.map { CInt($0) }
        var starts: [CInt] = []
        var total: CInt = 0
        for length in counts {
            starts.append(total)
            let (next, overflow) = total.addingReportingOverflow(length)
            guard !overflow else { throw Failure.call(name: "MPI_Allgatherv", code: 2) }
            total = next
        }
        var all = [Double](repeating: 0, count: Int(total))
        try all.withUnsafeMutableBufferPointer { all in
            try values.withUnsafeBufferPointer { own in
                try Self.check(
                    "MPI_Allgatherv",
                    gatherFunction(
                        own.baseAddress, CInt(own.count), double, all.baseAddress.map { UnsafeMutableRawPointer($0) }, counts,
                        starts,
                        double, world))
            }
        }
        return zip(starts, counts).map { Array(all[Int($0)..<Int($0 + $1)]) }
    }

    /// Returns when all hosts have come here.
    public func barrier() throws { try Self.check("MPI_Barrier", barrierFunction(world)) }
}
