// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The C library's number formats that the standard library lacks.
enum SystemFormat {
    /// `%.<n>e`: correctly rounded decimal digits.
    static func exponential(_ value: Double, fractionDigits: Int) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        let length = withVaList([CInt(fractionDigits), value]) { vsnprintf(&buffer, buffer.count, "%.*e", $0) }
        return String(decoding: buffer.prefix(max(0, Int(length))).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// JSON text (RFC 8259).
enum JSONText {
    /// The string in quotation marks, with what must be escaped escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }
}
