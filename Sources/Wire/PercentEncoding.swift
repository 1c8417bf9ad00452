// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding of URIs (RFC 3986 section 2.1), as signatures need it: all but unreserved characters, upper-case digits.
public enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    /// The text with all but unreserved characters encoded; `/` too, except where it is kept.
    public static func encode(_ text: String, keepsSlash: Bool = false) -> String {
        let isClean = text.utf8.allSatisfy { isUnreserved($0) || (keepsSlash && $0 == UInt8(ascii: "/")) }
        if isClean { return text }
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if isUnreserved(byte) || (keepsSlash && byte == UInt8(ascii: "/")) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The text with its encoded characters back; what is no encoding stays.
    ///
    /// In forms a plus is a space.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        let needsWork = text.utf8.contains { $0 == UInt8(ascii: "%") || (plusIsSpace && $0 == UInt8(ascii: "+")) }
        guard needsWork else { return String(text) }
        let input = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var index = 0
        while index < input.count {
            let byte = input[index]
            if byte == UInt8(ascii: "%"), index + 2 < input.count, let high = Hexadecimal.value(of: input[index + 1]),
                let low = Hexadecimal.value(of: input[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// One `name=value` of a query string or a form, decoded.
public struct QueryItem: Sendable, Hashable {
    /// Decoded.
    public var name: String
    /// Nil where there is no `=`.
    public var value: String?

    /// An item from its decoded parts.
    public init(_ name: String, _ value: String?) {
        self.name = name
        self.value = value
    }

    /// The items of an encoded query string.
    public static func parse(_ query: some StringProtocol, plusIsSpace: Bool = false) -> [QueryItem] {
        query.split(separator: "&", omittingEmptySubsequences: true).map { pair in
            guard let equals = pair.firstIndex(of: "=") else {
                return QueryItem(PercentEncoding.decode(pair, plusIsSpace: plusIsSpace), nil)
            }
            return QueryItem(
                PercentEncoding.decode(pair[..<equals], plusIsSpace: plusIsSpace),
                PercentEncoding.decode(pair[pair.index(after: equals)...], plusIsSpace: plusIsSpace))
        }
    }

    /// The encoded query string of items.
    public static func serialize(_ items: [QueryItem]) -> String {
        items.map { item in
            let name = PercentEncoding.encode(item.name)
            return item.value.map { "\(name)=\(PercentEncoding.encode($0))" } ?? name
        }.joined(separator: "&")
    }
}
