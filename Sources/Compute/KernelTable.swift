// SPDX-License-Identifier: Apache-2.0

import CKernels

/// One version of all kernels, such as the one for AVX2.
public struct KernelVersion: @unchecked Sendable {
    /// The C functions; immutable and alive as long as the process.
    let set: UnsafePointer<KernelSet>

    /// `reference`, `portable`, `avx2` or `avx512`.
    public var name: String { String(cString: set.pointee.name) }
}

/// One kernel: how it is tried out and what a run costs.
public struct KernelRow: Sendable {
    /// The kernel's name.
    public let name: String
    /// Floating-point operations of a run, 0 where a kernel is about bytes.
    public let operationCount: Int
    /// Bytes read and written by a run.
    public let byteCount: Int
    /// The largest difference from the reference, relative to the largest magnitude in the output.
    public let tolerance: Float
    /// Makes seeded data and gives a run over them; each run starts from the same data and returns all that the kernel wrote.
    public let prepare: @Sendable (_ seed: UInt64) -> @Sendable (KernelVersion) -> [Float]
}

/// The kernels and their versions: the one table that tests and benchmarks go through.
public enum KernelTable {
    /// The plain one that others are measured by.
    public static let reference = KernelVersion(set: referenceKernels())

    /// Every version that this processor runs, the reference first.
    public static let versions: [KernelVersion] =
        [reference, KernelVersion(set: portableKernels())]
        + [avx2Kernels(), avx512Kernels()].compactMap { set in set.map(KernelVersion.init(set:)) }

    /// The fastest version's name.
    public static var bestName: String { String(cString: best.name) }

    /// The functions of the fastest version, chosen once.
    static var best: KernelSet { chosen.set.pointee }

    private static let chosen = KernelVersion(set: bestKernels())

    /// One row a kernel.
    public static let rows: [KernelRow] =
        [
            .denseForward(lanes: 16), .denseForward(lanes: 32), .denseBackward(lanes: 16), .denseBackward(lanes: 32),
            .coded(lanes: 16), .coded(lanes: 32), .sparse(lanes: 16), .sparse(lanes: 32),
            .softmax, .step(.adam), .step(.sgd), .step(.rmsprop), .standardizeFloat, .standardizeBytes, .columnMoments,
            .exponential, .logarithm, .encode, .countNonZeroBytes,
        ] + LinearLoss.examples.map(KernelRow.loss) + KernelRow.treeRows + KernelRow.networkRows + KernelRow.factorRows
}
