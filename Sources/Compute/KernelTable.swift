// SPDX-License-Identifier: Apache-2.0

import CKernels

/// One version of all kernels, such as the one for AVX2.
public struct KernelVersion: @unchecked Sendable {
    /// The C functions; immutable and alive as long as the process.
    let set: UnsafePointer<KernelSet>
    /// Those for distances.
    let cluster: UnsafePointer<ClusterKernelSet>
    /// The product of matrices.
    let product: MatrixProduct

    /// `reference`, `portable`, `avx2`, `avx512` or `avx512vnni`.
    public var name: String { String(cString: cluster.pointee.name) }

    /// The version of these functions; nil where the processor lacks its instructions.
    init?(_ set: UnsafePointer<KernelSet>?, _ cluster: UnsafePointer<ClusterKernelSet>?, _ product: MatrixProduct?) {
        guard let set, let cluster, let product else { return nil }
        self.set = set
        self.cluster = cluster
        self.product = product
    }

    fileprivate init(
        always set: UnsafePointer<KernelSet>, _ cluster: UnsafePointer<ClusterKernelSet>, _ product: @escaping MatrixProduct
    ) {
        self.set = set
        self.cluster = cluster
        self.product = product
    }
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
    public static let reference = KernelVersion(always: referenceKernels(), referenceClusterKernels(), referenceMatrixProduct())

    /// Every version that this processor runs, the reference first.
    public static let versions: [KernelVersion] =
        [reference, KernelVersion(always: portableKernels(), portableClusterKernels(), portableMatrixProduct())]
        + [
            KernelVersion(avx2Kernels(), avx2ClusterKernels(), avx2MatrixProduct()),
            KernelVersion(avx512Kernels(), avx512ClusterKernels(), avx512MatrixProduct()),
            KernelVersion(avx512Kernels(), vnniClusterKernels(), avx512MatrixProduct()),
        ].compactMap { $0 }

    /// The fastest version's name.
    public static var bestName: String { chosen.name }

    /// The functions of the fastest version, chosen once.
    static var best: KernelSet { chosen.set.pointee }
    /// Those for distances.
    static var cluster: ClusterKernelSet { chosen.cluster.pointee }
    /// The product of matrices.
    static var product: MatrixProduct { chosen.product }

    private static let chosen = versions.last ?? reference

    /// One row a kernel.
    public static let rows: [KernelRow] =
        [
            .denseForward(lanes: 16), .denseForward(lanes: 32), .denseBackward(lanes: 16), .denseBackward(lanes: 32),
            .coded(lanes: 16), .coded(lanes: 32), .sparse(lanes: 16), .sparse(lanes: 32),
            .softmax, .step(.adam), .step(.sgd), .step(.rmsprop), .standardizeFloat, .standardizeBytes, .columnMoments,
            .exponential, .logarithm, .encode, .countNonZeroBytes,
        ] + LinearLoss.examples.map(KernelRow.loss) + KernelRow.cluster + [.matrixProduct] + KernelRow.treeRows
        + KernelRow.networkRows
        + KernelRow.factorRows + KernelRow.genotypeRows
}
