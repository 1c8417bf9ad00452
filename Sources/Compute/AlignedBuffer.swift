// SPDX-License-Identifier: Apache-2.0

/// Memory of trivial elements on a cache line's boundary, owned by reference.
///
/// Threads of a parallel loop write disjoint parts of it; who shares it otherwise must see to the order of accesses.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    let count: Int
    let start: UnsafeMutablePointer<Element>

    init(count: Int, zeroed: Bool = true) {
        self.count = count
        let byteCount = max(64, count * MemoryLayout<Element>.stride)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        if zeroed { raw.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
        start = raw.bindMemory(to: Element.self, capacity: count)
    }

    convenience init(_ elements: [Element]) {
        self.init(count: elements.count, zeroed: false)
        elements.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { start.update(from: base, count: source.count) }
        }
    }

    deinit { UnsafeMutableRawPointer(start).deallocate() }

    func copy(from other: AlignedBuffer<Element>) {
        start.update(from: other.start, count: min(count, other.count))
    }

    var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: start, count: count) }
}
