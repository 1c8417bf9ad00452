// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import ServiceModel

/// The client's side: requests out, answers in.
extension ServiceCodec {
    // MARK: Requests

    /// The request that an operation's input makes, without `Host` and signature.
    public func encodeRequest(_ input: Value, body: Body? = nil, operation: OperationModel) -> HTTPRequestParts {
        var request = HTTPRequestParts(method: operation.httpMethod)
        let input = withTokens(input, operation.input)
        switch protocolName {
        case .query:
            let action = [QueryItem("Action", operation.name), QueryItem("Version", model.apiVersion)]
            let form = QueryItem.serialize(action + QueryCodec().items(input, operation.input))
            request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
            request.body = Body(bytes: Array(form.utf8))
        case .json, .cbor:
            request.headers["X-Amz-Target"] = "\(model.targetPrefix ?? "").\(operation.name)"
            request.headers["Content-Type"] = jsonContentType
            if model.isQueryCompatible { request.headers["x-amzn-query-mode"] = "true" }
            request.body = Body(bytes: operation.input.map { JSONCodec().write(input, $0) } ?? Array("{}".utf8))
        case .restJSON, .restXML: encodeREST(input, body, operation, &request)
        }
        return request
    }

    /// What stands before the endpoint's host name for this input.
    public func hostPrefix(_ input: Value, operation: OperationModel) -> String? {
        guard var prefix = operation.hostPrefix else { return nil }
        for member in operation.input?.members ?? [] where member.isHostLabel {
            prefix = prefix.replacingOccurrences(of: "{\(member.name)}", with: input[member.name]?.stringValue ?? "")
        }
        return prefix
    }

    private func withTokens(_ input: Value, _ shape: Shape?) -> Value {
        var input = input
        for member in shape?.members ?? [] where member.isIdempotencyToken && input[member.name] == nil {
            input[member.name] = .string(UUID().uuidString.lowercased())
        }
        return input
    }

    private func encodeREST(_ input: Value, _ body: Body?, _ operation: OperationModel, _ request: inout HTTPRequestParts) {
        let template = URITemplate(operation.requestURI)
        let binding = RESTBinding()
        var query = template.queryItems
        let members = operation.input?.members ?? []
        for member in members {
            guard let value = input[member.name] else { continue }
            switch member.location {
            case .header: request.headers.append(member.locationName, binding.writeHeader(value, member))
            case .headers:
                for (key, content) in value.objectValue ?? [:] {
                    request.headers.append(
                        (member.declaredLocationName ?? "") + key, content.stringValue ?? JSON.serialize(content))
                }
            case .querystring:
                let named = Set(query.map(\.name))
                query += binding.queryItems(value, member).filter { member.shape.kind != .map || !named.contains($0.name) }
            case .uri, .statusCode, .body: break
            }
        }
        request.path = template.path { label in
            members.first { $0.location == .uri && $0.locationName == label }.flatMap { member in
                input[member.name].map { binding.queryScalars.text($0, member.shape, format: member.timestampFormat) }
            }
        }
        request.queryItems = query
        encodeRESTBody(input, body, operation, &request)
    }

    private func encodeRESTBody(_ input: Value, _ body: Body?, _ operation: OperationModel, _ request: inout HTTPRequestParts) {
        guard let shape = operation.input else { return }
        func setContentType(_ type: String) {
            if request.headers["Content-Type"] == nil { request.headers["Content-Type"] = type }
        }
        guard let payload = shape.payloadMember else {
            guard shape.members.contains(where: Self.isBodyMember) else { return }
            if protocolName == .restJSON {
                request.body = Body(bytes: JSONCodec().write(input, shape, where: Self.isBodyMember))
                setContentType("application/json")
            } else if shape.members.contains(where: { Self.isBodyMember($0) && input[$0.name] != nil }) {
                var writer = XMLWriter()
                let name = shape.xmlName ?? operation.inputElement ?? shape.name
                let namespace = operation.inputNamespace.map { [(name: "xmlns", value: $0)] } ?? xml.namespace(nil, shape)
                writer.open(name, namespace + xml.attributes(input, shape))
                clientXML.writeMembers(input, shape, into: &writer, where: Self.isBodyMember)
                writer.close(name)
                request.body = Body(bytes: writer.output)
                setContentType("application/xml")
            }
            return
        }
        if let body {
            request.body = body
            if body.length != 0 { setContentType("application/octet-stream") }
            return
        }
        guard let value = input[payload.name] else {
            if protocolName == .restJSON, payload.shape.kind == .structure, !payload.shape.isUnion {
                request.body = Body(bytes: Array("{}".utf8))
                setContentType("application/json")
            }
            return
        }
        switch value {
        case .blob(let bytes):
            request.body = Body(bytes: bytes)
            setContentType("application/octet-stream")
        case .string(let text) where payload.shape.kind == .string || payload.shape.kind == .blob:
            request.body = Body(bytes: Array(text.utf8))
            setContentType("text/plain")
        default:
            if protocolName == .restXML {
                var writer = XMLWriter()
                clientXML.write(
                    value, payload, name: payload.declaredLocationName ?? payload.shape.xmlName ?? payload.shape.name, into: &writer
                )
                request.body = Body(bytes: writer.output)
                setContentType("application/xml")
            } else {
                var writer = JSONWriter()
                JSONCodec().write(value, payload.shape, format: nil, into: &writer)
                request.body = Body(bytes: writer.output)
                setContentType("application/json")
            }
        }
    }

    private var clientXML: XMLCodec { XMLCodec(scalars: ScalarText(timestampFormat: .iso8601)) }

    // MARK: Answers

    /// The answer that an HTTP response stands for.
    ///
    /// - Throws: `ServiceError` where the service said no.
    public func decodeResponse(_ response: HTTPResponseParts, operation: OperationModel) async throws -> ServiceResponse {
        if response.status >= 300 { throw try await decodeError(response, operation: operation) }
        var result = ServiceResponse(status: response.status == operation.successStatus ? nil : response.status)
        guard let shape = operation.output else { return result }
        do {
            switch protocolName {
            case .query:
                let bytes = try await response.body.collect()
                if !bytes.isEmpty {
                    let root = try parseXML(bytes)
                    let holder = operation.outputWrapper.flatMap { root.child($0) } ?? root.child(operation.name + "Result") ?? root
                    result.output = try lenientXML.readMembers(holder, shape)
                }
            case .json, .cbor: result.output = try JSONCodec(isStrict: false).read(try await response.body.collect(), shape)
            case .restJSON, .restXML: try await decodeREST(response, shape, operation, &result)
            }
        } catch let error as MalformedInput {
            throw ServiceError(
                "InvalidResponse", "The answer is not in its protocol's form: \(error.problem)", status: response.status)
        }
        return result
    }

    private var lenientXML: XMLCodec { XMLCodec(scalars: ScalarText(timestampFormat: .iso8601), isStrict: false) }

    private func decodeREST(
        _ response: HTTPResponseParts, _ shape: Shape, _ operation: OperationModel, _ result: inout ServiceResponse
    ) async throws {
        var members: OrderedDictionary<String, Value> = [:]
        var found = Value.emptyObject
        if let payload = shape.payloadMember {
            if payload.isStreaming {
                result.body = response.body
            } else {
                let bytes = try await response.body.collect()
                if !bytes.isEmpty || payload.shape.kind == .blob { found[payload.name] = try decodePayload(bytes, payload) }
            }
        } else if operation.name == "GetBucketLocation", model.identifier == "s3" {
            let location = try parseXML(try await response.body.collect()).text
            found["LocationConstraint"] = location.isEmpty ? .null : .string(location)
        } else if shape.members.contains(where: Self.isOutputBodyMember) {
            found = try decodeBody(try await response.body.collect(), shape, where: Self.isOutputBodyMember)
        }
        let binding = RESTBinding()
        for member in shape.members {
            switch member.location {
            case .header:
                if let text = response.headers[member.locationName] { members[member.name] = try binding.readHeader(text, member) }
            case .headers: members[member.name] = binding.readHeaders(response.headers, member) ?? .emptyObject
            case .statusCode: members[member.name] = .integer(response.status)
            default: members[member.name] = found[member.name]
            }
        }
        result.output = .object(members)
    }

    /// The error that an HTTP response stands for.
    public func decodeError(_ response: HTTPResponseParts, operation: OperationModel) async throws -> ServiceError {
        let bytes = try await response.body.collect()
        var error = ServiceError(String(response.status), HTTPStatusText.reason(response.status), status: response.status)
        switch protocolName {
        case .json, .restJSON, .cbor: readJSONError(bytes, response, operation, &error)
        case .query, .restXML:
            guard let root = try? XMLElement.parse(bytes) else { return error }
            let element = root.name == "Error" ? root : root.child("Error") ?? root.child("Errors")?.child("Error") ?? root
            error.code = element.child("Code")?.text ?? error.code
            error.message = element.child("Message")?.text ?? element.child("message")?.text ?? ""
            let shape = operation.errors.first { $0.errorCode == error.code || $0.name == error.code }
            let codec = lenientXML
            let known: Set<String> = ["Code", "Message", "message", "Type", "RequestId", "HostId"]
            for child in element.children where !known.contains(child.name) {
                let member = shape?.members.first { $0.locationName == child.name }
                let value = member.flatMap { try? codec.read(child, $0, place: child.name) } ?? .string(child.text)
                error.details.append(.init(member?.name ?? child.name, value))
            }
            readErrorHeaders(response, shape, &error)
        }
        return error
    }

    private func readJSONError(
        _ bytes: [UInt8], _ response: HTTPResponseParts, _ operation: OperationModel, _ error: inout ServiceError
    ) {
        let body = (try? JSON.parse(bytes)) ?? .emptyObject
        let named = response.headers["x-amzn-ErrorType"] ?? body["__type"]?.stringValue ?? body["code"]?.stringValue
        if let named {
            let withoutURI = named.prefix { $0 != ":" }
            error.code = withoutURI.split(separator: "#").last.map(String.init) ?? String(withoutURI)
        }
        error.message = body["message"]?.stringValue ?? body["Message"]?.stringValue ?? body["errorMessage"]?.stringValue ?? ""
        let code = error.code
        let shape = operation.errors.first { $0.name == code || $0.errorCode == code }
        if let query = response.headers["x-amzn-query-error"], let first = query.split(separator: ";").first {
            error.code = String(first)
        }
        readErrorHeaders(response, shape, &error)
        for (name, value) in body.objectValue ?? [:] where !["__type", "message", "Message", "code"].contains(name) {
            let member = shape?.members.first { $0.locationName == name }
            let read = member.flatMap { try? JSONCodec(isStrict: false).read(value, $0.shape, place: name) }
            error.details.append(.init(member?.name ?? name, read ?? value))
        }
    }

    private func readErrorHeaders(_ response: HTTPResponseParts, _ shape: Shape?, _ error: inout ServiceError) {
        for member in shape?.members ?? [] where member.location == .header {
            guard let text = response.headers[member.locationName] else { continue }
            if let value = try? RESTBinding().readHeader(text, member) { error.details.append(.init(member.name, value)) }
        }
    }
}

/// The names of statuses (RFC 9110).
enum HTTPStatusText {
    static func reason(_ status: Int) -> String {
        switch status {
        case 301: "Moved Permanently"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 416: "Requested Range Not Satisfiable"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: ""
        }
    }
}
