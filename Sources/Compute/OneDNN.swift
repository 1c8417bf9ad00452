// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// oneDNN's C interface, of versions 2 and 3, loaded at run time; nil where the library is not installed.
final class OneDNN: @unchecked Sendable {
    static let shared = OneDNN()

    private typealias Multiply =
        @convention(c) (
            CChar, CChar, Int64, Int64, Int64, Float, UnsafePointer<Float>, Int64, UnsafePointer<Float>, Int64, Float,
            UnsafeMutablePointer<Float>, Int64
        ) -> CInt
    private typealias SetThreadCount = @convention(c) (CInt) -> Void

    private static let libraryNames = ["libdnnl.so.3", "libdnnl.so.2", "libdnnl.so", "libdnnl.dylib"]
    /// The bits of dnnl_cpu_isa_avx512_core.
    private static let wideVectors: CInt = 0x27

    private let multiplyFunction: Multiply
    private let setThreadCount: SetThreadCount?
    /// Such as 2.6.3.
    let version: String
    /// Whether it uses AVX-512.
    let usesWideVectors: Bool

    private init?() {
        var handle: UnsafeMutableRawPointer?
        for name in Self.libraryNames where handle == nil { handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) }
        guard let handle, let multiply = dlsym(handle, "dnnl_sgemm") else { return nil }
        multiplyFunction = unsafeBitCast(multiply, to: Multiply.self)
        // The library's own threads would contend with the pool's. They are OpenMP's, whose number is each calling thread's own.
        setThreadCount = dlsym(handle, "omp_set_num_threads").map { unsafeBitCast($0, to: SetThreadCount.self) }
        version =
            dlsym(handle, "dnnl_version").map { symbol in
                let function = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<CInt>?).self)
                return function().map { "\($0[0]).\($0[1]).\($0[2])" } ?? ""
            } ?? ""
        usesWideVectors =
            dlsym(handle, "dnnl_get_effective_cpu_isa").map { symbol in
                let function = unsafeBitCast(symbol, to: (@convention(c) () -> CInt).self)
                return function() & Self.wideVectors == Self.wideVectors
            } ?? false
    }

    /// c = a b, or c += a b; false where the library refuses.
    func multiply(
        _ rows: Int, _ columns: Int, _ inner: Int, _ a: MatrixMultiplication.Factor, _ b: MatrixMultiplication.Factor,
        _ c: UnsafeMutablePointer<Float>, _ stride: Int, adds: Bool
    ) -> Bool {
        setThreadCount?(1)
        func letter(_ factor: MatrixMultiplication.Factor) -> CChar {
            CChar(factor.isTransposed ? UInt8(ascii: "T") : UInt8(ascii: "N"))
        }
        return multiplyFunction(
            letter(a), letter(b), Int64(rows), Int64(columns), Int64(inner), 1, a.start, Int64(a.stride), b.start, Int64(b.stride),
            adds ? 1 : 0, c, Int64(stride)) == 0
    }
}
