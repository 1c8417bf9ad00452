// SPDX-License-Identifier: Apache-2.0

/// Writes predictions in the common formats.
public enum InferenceEncoder {
    /// The media types that are written; the first is the default.
    public static let acceptTypes = [ContentType.json, .jsonLines, .csv, .recordIOProtobuf].map(\.mediaType)

    /// The media type that a request wants: the most wanted of its Accept header that can be written, JSON where it says nothing.
    ///
    /// The first of `supported` is what a request gets that does not say. Throws ``InferenceError/unsupportedAccept(_:supported:)``.
    public static func format(for request: InferenceRequest, among supported: [String] = acceptTypes) throws -> String {
        guard let accept = request.accept, !accept.isEmpty, let first = supported.first else {
            return supported.first ?? ContentType.json.mediaType
        }
        var best: (type: String, quality: Double)?
        for part in accept.split(separator: ",") {
            guard let range = ContentType(String(part)) else { continue }
            let quality = range.parameters["q"].flatMap(Double.init) ?? 1
            let type: String?
            switch range.mediaType {
            case "*/*": type = first
            case "application/*": type = supported.first { $0.hasPrefix("application/") }
            case "text/*": type = supported.first { $0.hasPrefix("text/") }
            default: type = supported.first { $0 == range.mediaType }
            }
            if let type, quality > (best?.quality ?? 0) { best = (type, quality) }
        }
        guard let best else { throw InferenceError.unsupportedAccept(accept, supported: supported) }
        return best.type
    }

    /// The response in one of ``acceptTypes``; in JSON, the examples' answers are the member `listName`.
    public static func response(
        of predictions: Predictions, as mediaType: String, listName: String = "predictions"
    ) -> InferenceResponse {
        let body: [UInt8]
        switch mediaType {
        case ContentType.csv.mediaType: body = csv(predictions)
        case ContentType.jsonLines.mediaType: body = jsonLines(predictions)
        case ContentType.recordIOProtobuf.mediaType: body = recordIO(predictions)
        default: body = json(predictions, listName: listName)
        }
        return InferenceResponse(body: body, contentType: mediaType)
    }

    private static func json(_ predictions: Predictions, listName: String) -> [UInt8] {
        var text = "{\(JSONText.quoted(listName)):["
        for index in 0..<predictions.count {
            if index > 0 { text += "," }
            text += object(predictions, index)
        }
        return Array((text + "]}").utf8)
    }

    private static func jsonLines(_ predictions: Predictions) -> [UInt8] {
        Array((0..<predictions.count).map { object(predictions, $0) + "\n" }.joined().utf8)
    }

    private static func object(_ predictions: Predictions, _ index: Int) -> String {
        let members = predictions.columns.map { column in
            let texts = column.numbers(of: index).map { PythonNumber.representation(of: Double($0)) }
            return JSONText.quoted(column.name) + ":" + (column.width == nil ? texts.joined() : "[\(texts.joined(separator: ","))]")
        }
        return "{\(members.joined(separator: ","))}"
    }

    private static func csv(_ predictions: Predictions) -> [UInt8] {
        var text = ""
        for index in 0..<predictions.count {
            let numbers = predictions.columns.flatMap { $0.numbers(of: index) }
            text += numbers.map { PythonNumber.representation(of: Double($0)) }.joined(separator: ",") + "\n"
        }
        return Array(text.utf8)
    }

    /// A record an example, the answers as entries of its label map.
    private static func recordIO(_ predictions: Predictions) -> [UInt8] {
        var encoder = RecordIOEncoder()
        for index in 0..<predictions.count {
            encoder.append(
                features: [],
                labels: predictions.columns.map { RecordTensor(name: $0.name, values: Array($0.numbers(of: index))) })
        }
        return encoder.take()
    }
}

extension Predictions.Column {
    /// The numbers of one example.
    public func numbers(of index: Int) -> ArraySlice<Float> {
        let width = width ?? 1
        let start = min(index * width, values.count)
        return values[start..<min(start + width, values.count)]
    }
}
