// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The names of classes, in the order in which data brings them; an example's label is then the place of its name.
///
/// Names that are numbers are one class however they are written: `3`, `3.0` and a float32 label of 3 are all `3`.
public final class LabelNames: Sendable {
    private struct State {
        var names: [String] = []
        var places: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// No names yet.
    public init() {}

    /// The names so far.
    public var names: [String] { state.withLock { $0.names } }

    /// The place of a name, which is added where it is new; float32 holds places up to 2^24.
    func place(of text: String) -> Float {
        let name = Double(text).flatMap { $0.isFinite ? Self.name(of: $0) : nil } ?? text
        return state.withLock { state in
            if let place = state.places[name] { return Float(place) }
            state.places[name] = state.names.count
            state.names.append(name)
            return Float(state.names.count - 1)
        }
    }

    /// The place of a label that came as a number.
    func place(of number: Float) -> Float { place(of: Self.name(of: Double("\(number)") ?? Double(number))) }

    /// The number as whole numbers are written, else with the fewest digits that give it back.
    private static func name(of number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? PythonNumber.representation(of: number)
    }

    /// The text of a CSV field: blanks around it dropped, quotes taken off; nil where there is none.
    static func text(ofField field: UnsafeRawBufferPointer) -> String? {
        var bytes = field[...]
        while let first = bytes.first, FloatParser.isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, FloatParser.isBlank(last) { bytes.removeLast() }
        let quote = UInt8(ascii: "\"")
        guard bytes.first == quote, bytes.count >= 2, bytes.last == quote else {
            return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
        }
        var unquoted: [UInt8] = []
        var isSecond = false
        for byte in bytes.dropFirst().dropLast() {
            if byte == quote {
                isSecond.toggle()
                if isSecond { continue }
            }
            unquoted.append(byte)
        }
        return unquoted.isEmpty ? nil : String(decoding: unquoted, as: UTF8.self)
    }
}
