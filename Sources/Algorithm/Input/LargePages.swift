// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Room for large arrays on large pages: the first touch of memory costs a fault a page, more than reading the data that goes there.
enum LargePages {
    private static let pageByteCount = 1 << 21

    /// Reserves capacity for `count` elements in all, and asks the system for large pages where it is worth it.
    static func reserve<Element: BitwiseCopyable>(_ count: Int, in array: inout [Element]) {
        guard count > array.capacity else { return }
        array.reserveCapacity(count)
        #if os(Linux)
            let stride = MemoryLayout<Element>.stride
            guard count * stride >= 4 * pageByteCount else { return }
            array.withUnsafeMutableBytes { used in
                guard let base = used.baseAddress else { return }
                let start = (UInt(bitPattern: base) + UInt(pageByteCount - 1)) & ~UInt(pageByteCount - 1)
                let end = (UInt(bitPattern: base) + UInt(count * stride)) & ~UInt(pageByteCount - 1)
                guard end > start, let place = UnsafeMutableRawPointer(bitPattern: start) else { return }
                // Advice only: where it fails, small pages do.
                _ = madvise(place, Int(end - start), MADV_HUGEPAGE)
            }
        #endif
    }
}
