// SPDX-License-Identifier: Apache-2.0

/// A media type with parameters (RFC 9110, section 8.3), such as `text/csv; label_size=0`.
public struct ContentType: Sendable, Equatable {
    /// `type/subtype` in lower case.
    public var mediaType: String
    /// The parameters, names in lower case.
    public var parameters: [String: String]

    /// Makes one from its parts.
    public init(mediaType: String, parameters: [String: String] = [:]) {
        self.mediaType = mediaType
        self.parameters = parameters
    }

    /// Reads the text of a header or a channel's ContentType; nil where it is no media type.
    public init?(_ text: String) {
        var parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        let mediaType = parts.removeFirst().lowercased()
        let halves = mediaType.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isTokenCharacter) }) else { return nil }
        var parameters: [String: String] = [:]
        for part in parts where !part.isEmpty {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
            guard pair.count == 2, !pair[0].isEmpty, pair[0].allSatisfy(Self.isTokenCharacter) else { return nil }
            var value = pair[1]
            if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            parameters[pair[0].lowercased()] = String(value)
        }
        self.init(mediaType: mediaType, parameters: parameters)
    }

    /// Comma-separated values, no header, the label first.
    public static let csv = ContentType(mediaType: "text/csv")
    /// One JSON document.
    public static let json = ContentType(mediaType: "application/json")
    /// One JSON document a line.
    public static let jsonLines = ContentType(mediaType: "application/jsonlines")
    /// RecordIO frames of protobuf records.
    public static let recordIOProtobuf = ContentType(mediaType: "application/x-recordio-protobuf")

    /// The number of label columns of CSV: 1 unless `label_size` says otherwise; nil where that is no whole number.
    public var labelSize: Int? {
        guard let text = parameters["label_size"] else { return 1 }
        guard let size = Int(text), size >= 0 else { return nil }
        return size
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character))
    }
}

extension ContentType: CustomStringConvertible {
    /// The header's text, parameters sorted by name.
    public var description: String {
        mediaType + parameters.sorted { $0.key < $1.key }.map { "; \($0.key)=\($0.value)" }.joined()
    }
}
