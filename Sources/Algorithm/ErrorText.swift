// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The one place where this module's errors become text.
enum ErrorText {
    static func of(_ cause: UserError.Cause) -> String {
        switch cause {
        case .unknownHyperparameter(let name, let allowed):
            return "unknown hyperparameter '\(name)'" + suggestion(for: name, among: allowed)
                + "; the hyperparameters are \(allowed.sorted().joined(separator: ", "))"
        case .missingHyperparameter(let name, let expected):
            return "the required hyperparameter '\(name)' is missing; it takes \(expected)"
        case .invalidHyperparameter(let name, let value, let expected):
            return "hyperparameter '\(name)' cannot be '\(value)'; it takes \(expected)"
        case .conflictingHyperparameter(let name, let value, let other, let otherValue, let expected):
            let subject = value.map { "hyperparameter '\(name)' cannot be '\($0)'" } ?? "the hyperparameter '\(name)' is missing"
            return "\(subject) when '\(other)' is '\(otherValue)'; it takes \(expected)"
        case .unknownChannel(let name, let allowed):
            return "unknown channel '\(name)'" + suggestion(for: name, among: allowed)
                + "; the channels are \(allowed.joined(separator: ", "))"
        case .missingChannel(let name, let present):
            let others = present.isEmpty ? "has no channels" : "has only \(present.joined(separator: ", "))"
            return "the required channel '\(name)' is missing; the job \(others)"
        case .emptyChannel(let name):
            return "channel '\(name)' has no data: no object was found under its S3 location for this host"
        case .unsupportedContentType(let channel, let contentType, let allowed):
            return "channel '\(channel)' cannot have content type '\(contentType)'; it takes \(allowed.joined(separator: ", "))"
        case .unsupportedInputMode(let channel, let mode, let allowed):
            return "channel '\(channel)' cannot have input mode '\(mode)'; it takes \(allowed.joined(separator: ", "))"
        case .unsupportedDistribution(let channel, let distribution, let allowed):
            return "channel '\(channel)' cannot be \(distribution); it may be \(allowed.joined(separator: " or "))"
        case .wrongFeatureCount(let channel, let found, let expected, let source):
            return "channel '\(channel)' has \(found) features an example, but \(source) is \(expected)"
        case .other(let text):
            return text
        }
    }

    static func of(_ error: DataError) -> String {
        let place = text(of: error.location)
        var problem = text(of: error.problem)
        if case .notANumber = error.problem, error.location.line == 1 { problem += "; a header line is not taken" }
        return place.isEmpty ? problem : "\(place): \(problem)"
    }

    static func of(_ error: InferenceError) -> String {
        switch error {
        case .unsupportedContentType(let found, let supported):
            return "unsupported content type '\(found)'; the model takes \(supported.joined(separator: ", "))"
        case .unsupportedAccept(let found, let supported):
            return "cannot answer as '\(found)'; the model answers as \(supported.joined(separator: ", "))"
        case .malformedRequest(let error):
            return "unable to evaluate payload provided: \(error.message)"
        case .wrongFeatureCount(let example, let found, let expected):
            return "unable to evaluate payload provided: example \(example) has \(found) features; the model takes \(expected)"
        case .modelFailure(let text):
            return text
        }
    }

    static func text(of location: DataError.Location) -> String {
        var parts: [String] = []
        if let file = location.file { parts.append(file) }
        if let record = location.record { parts.append("record \(record)") }
        if let line = location.line { parts.append("line \(line)") }
        if let column = location.column { parts.append("column \(column)") }
        if let byteOffset = location.byteOffset { parts.append("byte offset \(byteOffset)") }
        return parts.joined(separator: ", ")
    }

    static func text(of problem: DataError.Problem) -> String {
        switch problem {
        case .truncated(let inside, let missing):
            return "the data ends inside \(inside)" + (missing.map { "; \($0) more bytes were announced" } ?? "")
        case .badRecordMagic(let found):
            return "a RecordIO record begins with 0xced7230a, but here is 0x\(String(found, radix: 16))"
        case .recordTooLong(let byteCount, let maximum):
            return "the record announces \(byteCount) bytes; at most \(maximum) are taken"
        case .malformedMessage(let detail):
            return "the record is not a protobuf Record: \(detail)"
        case .missingField(let name):
            return "the record has no \(name)"
        case .unsupportedTensor(let found, let expected):
            return "the tensor is \(found); it should be \(expected)"
        case .wrongFieldCount(let found, let expected):
            return "there are \(found) values where \(expected) are expected"
        case .emptyField:
            return "a value is missing"
        case .notANumber(let text):
            return "'\(text)' is not a number" + (text.contains("\"") ? "; values are not quoted" : "")
        case .notFinite(let text):
            return "\(text) is not a finite number"
        case .keyOutOfRange(let key, let featureCount):
            return "the sparse key \(key) is not below the feature count \(featureCount)"
        case .duplicateKey(let key):
            return "the sparse key \(key) occurs twice in one example"
        case .malformedJSON(let detail):
            return "the JSON is not well formed: \(detail)"
        case .malformedArchive(let detail):
            return "the archive cannot be read: \(detail)"
        case .unsafeArchivePath(let path):
            return "the archive's entry '\(path)' would lie outside the folder it is unpacked to"
        case .tooLarge(let what, let maximum):
            return "\(what) is larger than the limit of \(maximum)"
        case .empty:
            return "there is no data"
        case .other(let text):
            return text
        }
    }

    static func ofSystem(_ errorNumber: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(errorNumber, &buffer, buffer.count) == 0 else { return "error \(errorNumber)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// ", did you mean 'x'?" where one of the names is near enough.
    static func suggestion(for name: String, among names: [String]) -> String {
        let limit = name.count < 4 ? 1 : max(2, name.count / 3)
        let nearest = names.map { ($0, editDistance(name, $0)) }.min { ($0.1, $0.0) < ($1.1, $1.0) }
        guard let nearest, nearest.1 <= limit else { return "" }
        return ", did you mean '\(nearest.0)'?"
    }

    /// Levenshtein's distance.
    static func editDistance(_ first: String, _ second: String) -> Int {
        let first = Array(first.utf8)
        let second = Array(second.utf8)
        var row = Array(0...second.count)
        for (i, a) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in second.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[second.count]
    }
}
