// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing

@testable import ServiceModel
@testable import Wire

/// The public protocol suites, run from both sides: what a client writes is compared with the case and read back as a server, and
/// what a server answers is read as a client.
@Suite struct ProtocolTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let file: String
        let suite: Value
        let content: Value
        var identifier: String { content["id"]?.stringValue ?? content["description"]?.stringValue ?? "" }
        var testDescription: String { "\(file) \(identifier)" }
        var model: ServiceModel { ProtocolModel.model(suite, given: content["given"] ?? .emptyObject) }
    }

    static let files = ["query", "json", "json_1_0", "json_1_0-query-compatible", "rest-json", "rest-xml"]
    static let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/protocols")

    static func load(_ direction: String) -> [Case] {
        files.flatMap { file -> [Case] in
            guard let data = try? Data(contentsOf: vectors.appendingPathComponent("\(direction)/\(file).json")),
                let suites = try? JSON.parse([UInt8](data)).listValue
            else { return [] }
            return suites.flatMap { suite in
                (suite["cases"]?.listValue ?? []).map { Case(file: file, suite: suite, content: $0) }
            }
        }
    }

    /// Cases that are not the codec's business or that the real models contradict, with the reason.
    static let leftOut: [(name: String, reason: String)] = [
        ("SDKAppliedContentEncoding", "requests are sent uncompressed"),
        ("SDKAppendsGzip", "requests are sent uncompressed"),
        ("SDKAppendedGzip", "requests are sent uncompressed"),
        ("IdempotencyTokenAutoFill", "tokens are random"),
        ("HostWithPath", "an endpoint's own path is its sender's business"),
        ("RestJsonHttpChecksumRequired", "checksums are the sender's business"),
        ("HttpPayloadWithXmlN", "S3's payload members name their root element"),
        ("RestXmlHttpPayloadWithUnion", "S3's payload members name their root element"),
        ("XmlAttributesOnPayload", "S3's payload members name their root element"),
        ("HttpPayloadTraitsWithNoBlobBody", "an empty blob is told from an absent one, as botocore does"),
        ("rest-xml ComplexError", "a message is read wherever it is"),
    ]

    static func isLeftOut(_ given: Case) -> Bool { leftOut.contains { given.testDescription.contains($0.name) } }

    static let inputs = load("input").filter { !isLeftOut($0) }
    static let outputs = load("output").filter { !isLeftOut($0) }

    @Test func theSuitesAreThere() {
        #expect(Self.load("input").count == 321)
        #expect(Self.load("output").count == 299)
        #expect(Self.inputs.count == 293)
        #expect(Self.outputs.count == 291)
    }

    static func params(_ given: Case, _ operation: OperationModel) -> Value {
        guard let shape = operation.input else { return .emptyObject }
        return ProtocolModel.value(given.content["params"] ?? .emptyObject, shape)
    }

    @Test(arguments: inputs) func clientWritesRequests(given: Case) async throws {
        let model = given.model
        let operation = try #require(model.operations.first)
        let codec = ServiceCodec(model: model)
        var input = Self.params(given, operation)
        var body: Body?
        if let streaming = operation.streamingInputMember, let value = input[streaming.name] {
            body = Body(bytes: value.blobValue ?? Array((value.stringValue ?? "").utf8))
            input[streaming.name] = nil
        }
        let request = codec.encodeRequest(input, body: body, operation: operation)
        let expected = given.content["serialized"] ?? .emptyObject
        #expect(request.method == expected["method"]?.stringValue ?? "POST")
        #expect(request.target == expected["uri"]?.stringValue ?? "/")
        for (name, value) in expected["headers"]?.objectValue ?? [:] {
            let values = request.headers[name]
            let wanted = value.stringValue ?? ""
            #expect(
                values == wanted || values == wanted + "; charset=utf-8"
                    || values == wanted.replacingOccurrences(of: ", ", with: ","), "\(name)")
        }
        for name in expected["forbidHeaders"]?.listValue ?? [] { #expect(request.headers[name.stringValue ?? ""] == nil) }
        if let host = expected["host"]?.stringValue {
            let prefix = codec.hostPrefix(input, operation: operation) ?? ""
            #expect(
                prefix + (given.suite["clientEndpoint"]?.stringValue?.split(separator: "/").dropFirst().first ?? "example.com")
                    == host)
        }
        if let text = expected["body"]?.stringValue {
            let written = String(decoding: try await request.body?.collect() ?? [], as: UTF8.self)
            expectSameBody(written, text, codec)
        }
    }

    @Test(arguments: inputs) func serverReadsRequests(given: Case) async throws {
        // What a client leaves out of its headers a server can't read back.
        if given.testDescription.contains("NullAndEmptyHeaders") { return }
        let model = given.model
        let operation = try #require(model.operations.first)
        let codec = ServiceCodec(model: model)
        let expected = given.content["serialized"] ?? .emptyObject
        let target = expected["uri"]?.stringValue ?? "/"
        let question = target.firstIndex(of: "?") ?? target.endIndex
        var request = HTTPRequestParts(
            method: "POST", path: String(target[..<question]), query: String(target[question...].dropFirst()))
        for (name, value) in expected["headers"]?.objectValue ?? [:] { request.headers.append(name, value.stringValue ?? "") }
        request.body = Body(bytes: Array((expected["body"]?.stringValue ?? "").utf8))
        var labels: [String: String] = [:]
        if codec.isREST {
            let path = request.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            labels = try #require(URITemplate(operation.requestURI).match(path.last == "" ? Array(path.dropLast()) : path))
        }
        var decoded = try await codec.decodeRequest(request, operation: operation, labels: labels)
        if let streaming = operation.streamingInputMember, let bytes = try await decoded.body?.collect(), !bytes.isEmpty {
            decoded.input[streaming.name] =
                streaming.shape.kind == .string ? .string(String(decoding: bytes, as: UTF8.self)) : .blob(bytes)
        }
        // A server's map of the whole query has the items with members of their own as well, a client's need not; what is empty in
        // a header or query can't come back.
        let wanted = ProtocolModel.withoutEmpty(Self.withoutNamedItems(Self.params(given, operation), operation))
        let found = ProtocolModel.withoutEmpty(Self.withoutNamedItems(decoded.input, operation))
        #expect(ProtocolModel.isEqual(found, wanted), "\(found)\n\(wanted)")
    }

    static func withoutNamedItems(_ input: Value, _ operation: OperationModel) -> Value {
        var input = input
        let members = (operation.input?.members ?? []).filter { $0.location == .querystring }
        let named = Set(members.filter { $0.shape.kind != .map }.map(\.locationName))
        for member in members where member.shape.kind == .map {
            guard case .object(let entries)? = input[member.name] else { continue }
            input[member.name] = .object(entries.filter { !named.contains($0.key) })
        }
        return input
    }

    @Test(arguments: outputs) func clientReadsAnswers(given: Case) async throws {
        let model = given.model
        let operation = try #require(model.operations.first)
        let codec = ServiceCodec(model: model)
        let response = Self.response(given)
        if given.content["error"] != nil {
            let error = try await codec.decodeError(response, operation: operation)
            #expect(error.code == given.content["errorCode"]?.stringValue)
            #expect(error.message == given.content["errorMessage"]?.stringValue ?? "")
            return
        }
        let answer = try await codec.decodeResponse(response, operation: operation)
        try await expectSame(answer, given, operation)
    }

    @Test(arguments: outputs) func serverWritesAnswersThatClientsRead(given: Case) async throws {
        let model = given.model
        let operation = try #require(model.operations.first)
        let codec = ServiceCodec(model: model)
        if given.content["error"] != nil {
            let sent = ServiceError(
                given.content["errorCode"]?.stringValue ?? "", given.content["errorMessage"]?.stringValue ?? "",
                status: given.content["response"]?["status_code"]?.integerValue)
            let written = codec.encodeError(sent, operation: operation, requestID: "1")
            let read = try await codec.decodeError(written, operation: operation)
            #expect(read.code == sent.code && read.message == sent.message && read.status == sent.status)
            return
        }
        guard let shape = operation.output else { return }
        var response = ServiceResponse(output: ProtocolModel.value(given.content["result"] ?? .emptyObject, shape))
        if let streaming = operation.streamingOutputMember, let value = response.output[streaming.name] {
            response.body = Body(bytes: value.blobValue ?? Array((value.stringValue ?? "").utf8))
            response.output[streaming.name] = nil
        }
        let written = codec.encodeResponse(response, operation: operation, requestID: "1")
        let read = try await codec.decodeResponse(written, operation: operation)
        try await expectSame(read, given, operation)
    }

    static func response(_ given: Case) -> HTTPResponseParts {
        let response = given.content["response"] ?? .emptyObject
        var parts = HTTPResponseParts(status: response["status_code"]?.integerValue ?? 200)
        for (name, value) in response["headers"]?.objectValue ?? [:] { parts.headers.append(name, value.stringValue ?? "") }
        parts.body = Body(bytes: Array((response["body"]?.stringValue ?? "").utf8))
        return parts
    }

    func expectSame(_ answer: ServiceResponse, _ given: Case, _ operation: OperationModel) async throws {
        guard let shape = operation.output else { return }
        var answer = answer
        if let streaming = operation.streamingOutputMember, let bytes = try await answer.body?.collect() {
            answer.output[streaming.name] =
                streaming.shape.kind == .string ? .string(String(decoding: bytes, as: UTF8.self)) : .blob(bytes)
        }
        let wanted = ProtocolModel.value(given.content["result"] ?? .emptyObject, shape)
        #expect(ProtocolModel.isEqual(answer.output, wanted), "\(answer.output)\n\(wanted)")
    }

    func expectSameBody(_ written: String, _ expected: String, _ codec: ServiceCodec) {
        switch codec.protocolName {
        case .query: #expect(Set(QueryItem.parse(written, plusIsSpace: true)) == Set(QueryItem.parse(expected, plusIsSpace: true)))
        case .json, .restJSON, .cbor:
            if let left = try? JSON.parse(written), let right = try? JSON.parse(expected) {
                #expect(ProtocolModel.isEqual(Self.unified(left), Self.unified(right)), "\(written)\n\(expected)")
            } else {
                #expect(written == expected)
            }
        case .restXML:
            if let left = try? XMLElement.parse(Array(written.utf8)), let right = try? XMLElement.parse(Array(expected.utf8)) {
                #expect(Self.unified(left) == Self.unified(right), "\(written)\n\(expected)")
            } else {
                #expect(written == expected)
            }
        }
    }

    /// JSON has one kind of number.
    static func unified(_ value: Value) -> Value {
        switch value {
        case .integer(let number): .double(Double(number))
        case .list(let elements): .list(elements.map(unified))
        case .object(let members): .object(members.mapValues(unified))
        default: value
        }
    }

    static func unified(_ element: XMLElement) -> XMLElement {
        var element = element
        element.attributes.sort { $0.name < $1.name }
        element.children = element.children.map(unified)
        element.text = element.text.trimmingSpace
        return element
    }
}
