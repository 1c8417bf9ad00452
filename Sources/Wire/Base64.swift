// SPDX-License-Identifier: Apache-2.0

/// Base 64 with padding (RFC 4648 section 4).
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each character, 0xFF for those outside the alphabet.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    /// The text of bytes.
    public static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { buffer in
            var position = 0
            var index = 0
            while index < bytes.count {
                let first = bytes[index]
                let second = index + 1 < bytes.count ? bytes[index + 1] : 0
                let third = index + 2 < bytes.count ? bytes[index + 2] : 0
                buffer[position] = alphabet[Int(first >> 2)]
                buffer[position + 1] = alphabet[Int((first & 3) << 4 | second >> 4)]
                buffer[position + 2] = index + 1 < bytes.count ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "=")
                buffer[position + 3] = index + 2 < bytes.count ? alphabet[Int(third & 63)] : UInt8(ascii: "=")
                position += 4
                index += 3
            }
            return position
        }
    }

    /// The bytes of a text; nil where it is not base 64.
    ///
    /// Missing padding and line ends are accepted, as AWS's clients write them.
    public static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var buffer: UInt32 = 0
        var bitCount = 0
        var isPadded = false
        for unit in text.utf8 {
            if unit == UInt8(ascii: "=") {
                isPadded = true
                continue
            }
            if unit == 0x0A || unit == 0x0D { continue }
            let value = values[Int(unit)]
            guard value != 0xFF, !isPadded else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bitCount)))
            }
        }
        return bitCount == 6 ? nil : bytes
    }
}
