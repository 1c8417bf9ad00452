// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel

/// The server's side: requests in, answers out.
extension ServiceCodec {
    // MARK: Requests

    /// The input that a request stands for.
    ///
    /// - Parameters:
    ///   - labels: The values of the path's labels, by their names in the template.
    /// - Throws: `ServiceError` where the request is not in the protocol's form; what reading the body throws.
    public func decodeRequest(
        _ request: HTTPRequestParts, operation: OperationModel, labels: [String: String] = [:]
    ) async throws -> DecodedInput {
        do {
            switch protocolName {
            case .query: return DecodedInput(input: try await decodeQuery(request, operation), body: nil)
            case .json, .cbor:
                guard let shape = operation.input else { return DecodedInput(input: .emptyObject, body: nil) }
                let bytes = try await request.body?.collect() ?? []
                return DecodedInput(input: try JSONCodec().read(bytes, shape), body: nil)
            case .restJSON, .restXML: return try await decodeREST(request, operation, labels)
            }
        } catch let error as MalformedInput {
            throw serviceError(error)
        }
    }

    private func decodeQuery(_ request: HTTPRequestParts, _ operation: OperationModel) async throws -> Value {
        var items = request.queryItems
        if let body = request.body {
            let bytes = try await body.collect()
            items += QueryItem.parse(String(decoding: bytes, as: UTF8.self), plusIsSpace: true)
        }
        return try QueryCodec().value(items, operation.input)
    }

    private func decodeREST(
        _ request: HTTPRequestParts, _ operation: OperationModel, _ labels: [String: String]
    ) async throws -> DecodedInput {
        guard let shape = operation.input else { return DecodedInput(input: .emptyObject, body: nil) }
        let binding = RESTBinding()
        let items = request.queryItems
        let template = Set(URITemplate(operation.requestURI).queryItems.map(\.name))
        var members: OrderedDictionary<String, Value> = [:]
        var hasBodyMembers = false
        for member in shape.members {
            switch member.location {
            case .uri:
                if let text = labels[member.locationName] {
                    members[member.name] = try binding.scalar(binding.queryScalars, text, member, place: member.name)
                }
            case .querystring: members[member.name] = try binding.readQuery(items, member, template: template)
            case .header:
                if let text = request.headers[member.locationName] { members[member.name] = try binding.readHeader(text, member) }
            case .headers: members[member.name] = binding.readHeaders(request.headers, member)
            case .statusCode: break
            case .body: hasBodyMembers = true
            }
        }
        var body: Body?
        if let payload = shape.payloadMember {
            if payload.isStreaming {
                body = request.body
            } else if let source = request.body, source.length != 0 {
                let bytes = try await source.collect()
                if !bytes.isEmpty { members[payload.name] = try decodePayload(bytes, payload) }
            }
        } else if hasBodyMembers, let source = request.body {
            let found = try decodeBody(try await source.collect(), shape)
            for (name, value) in found.objectValue ?? [:] { members[name] = value }
        }
        return DecodedInput(input: .object(members), body: body)
    }

    /// The value of the member that is the whole body.
    func decodePayload(_ bytes: [UInt8], _ payload: Member) throws -> Value {
        let shape = payload.shape
        switch shape.kind {
        case .blob: return .blob(bytes)
        case .string: return .string(String(decoding: bytes, as: UTF8.self))
        default:
            if protocolName == .restXML { return try xml.read(try parseXML(bytes), payload, place: payload.name) }
            do {
                return try JSONCodec().read(try JSON.parse(bytes), shape, place: payload.name)
            } catch let error as JSONError {
                throw MalformedInput(place: "", problem: error.description)
            }
        }
    }

    /// The values of the members that share the body.
    func decodeBody(_ bytes: [UInt8], _ shape: Shape, where isWanted: (Member) -> Bool = isBodyMember) throws -> Value {
        if bytes.isEmpty { return .emptyObject }
        if protocolName == .restXML { return try xml.readMembers(try parseXML(bytes), shape, where: isWanted) }
        return try JSONCodec().read(bytes, shape, where: isWanted)
    }

    func parseXML(_ bytes: [UInt8]) throws -> XMLElement {
        do {
            return try XMLElement.parse(bytes)
        } catch {
            throw MalformedInput(place: "", problem: String(describing: error))
        }
    }

    // MARK: Answers

    /// The HTTP answer of an operation that went well.
    public func encodeResponse(_ response: ServiceResponse, operation: OperationModel, requestID: String) -> HTTPResponseParts {
        var parts = HTTPResponseParts(status: response.status ?? operation.successStatus)
        switch protocolName {
        case .query:
            parts.headers["Content-Type"] = "text/xml"
            parts.body = Body(bytes: encodeQueryResponse(response.output, operation, requestID))
        case .json, .cbor:
            parts.headers["Content-Type"] = jsonContentType
            if let shape = operation.output { parts.body = Body(bytes: JSONCodec().write(response.output, shape)) }
        case .restJSON, .restXML: encodeREST(response, operation, &parts)
        }
        return parts
    }

    private func encodeQueryResponse(_ output: Value, _ operation: OperationModel, _ requestID: String) -> [UInt8] {
        var writer = XMLWriter()
        let root = operation.name + "Response"
        writer.open(root, model.xmlNamespace.map { [("xmlns", $0)] } ?? [])
        if let shape = operation.output {
            let wrapper = operation.outputWrapper ?? operation.name + "Result"
            writer.open(wrapper)
            xml.writeMembers(output, shape, into: &writer)
            writer.close(wrapper)
        }
        writer.open("ResponseMetadata")
        writer.element("RequestId", requestID)
        writer.close("ResponseMetadata")
        writer.close(root)
        return writer.output
    }

    private func encodeREST(_ response: ServiceResponse, _ operation: OperationModel, _ parts: inout HTTPResponseParts) {
        guard let shape = operation.output else { return }
        let binding = RESTBinding()
        let output = response.output
        for member in shape.members {
            guard let value = output[member.name] else { continue }
            switch member.location {
            case .header: parts.headers.append(member.locationName, binding.writeHeader(value, member))
            case .headers:
                for (key, content) in value.objectValue ?? [:] {
                    parts.headers.append((member.declaredLocationName ?? "") + key, content.stringValue ?? JSON.serialize(content))
                }
            case .statusCode: parts.status = value.integerValue ?? parts.status
            default: break
            }
        }
        if let payload = shape.payloadMember {
            encodePayload(response, payload, &parts)
        } else if operation.name == "GetBucketLocation", model.identifier == "s3" {
            parts.body = Body(bytes: bucketLocation(output["LocationConstraint"]?.stringValue))
            setContentType("application/xml", &parts)
        } else if shape.members.contains(where: Self.isOutputBodyMember), operation.httpMethod != "HEAD" {
            parts.body = Body(bytes: encodeBody(output, shape, rootElement: operation.outputElement ?? shape.name))
            setContentType(protocolName == .restXML ? "application/xml" : "application/json", &parts)
        } else if operation.name == "HeadBucket" {
            setContentType("application/xml", &parts)
        }
    }

    /// The location is the root element's own text, which no shape can say.
    private func bucketLocation(_ region: String?) -> [UInt8] {
        var writer = XMLWriter()
        writer.declaration()
        writer.open("LocationConstraint", s3Namespace)
        writer.text(region ?? "")
        writer.close("LocationConstraint")
        return writer.output
    }

    private var s3Namespace: [(name: String, value: String)] {
        if let namespace = model.xmlNamespace { return [("xmlns", namespace)] }
        return model.identifier == "s3" ? [("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/")] : []
    }

    private func encodeBody(_ output: Value, _ shape: Shape, rootElement: String) -> [UInt8] {
        guard protocolName == .restXML else { return JSONCodec().write(output, shape, where: Self.isOutputBodyMember) }
        var writer = XMLWriter()
        writer.declaration()
        writer.open(rootElement, s3Namespace + xml.attributes(output, shape))
        xml.writeMembers(output, shape, into: &writer, where: Self.isOutputBodyMember)
        writer.close(rootElement)
        return writer.output
    }

    private func encodePayload(_ response: ServiceResponse, _ payload: Member, _ parts: inout HTTPResponseParts) {
        let shape = payload.shape
        if let body = response.body {
            parts.body = body
            setContentType("application/octet-stream", &parts)
            return
        }
        guard let value = response.output[payload.name] else { return }
        switch (shape.kind, value) {
        case (.blob, .blob(let bytes)):
            parts.body = Body(bytes: bytes)
            setContentType("application/octet-stream", &parts)
        case (.string, .string(let text)):
            parts.body = Body(bytes: Array(text.utf8))
            setContentType(text.hasPrefix("{") ? "application/json" : "text/plain", &parts)
        default:
            if protocolName == .restXML {
                var writer = XMLWriter()
                writer.declaration()
                let name = payload.declaredLocationName ?? shape.xmlName ?? shape.name
                let own = xml.namespace(payload, shape)
                writer.open(name, (own.isEmpty ? s3Namespace : own) + xml.attributes(value, shape))
                xml.writeMembers(value, shape, into: &writer)
                writer.close(name)
                parts.body = Body(bytes: writer.output)
                setContentType("application/xml", &parts)
            } else {
                var writer = JSONWriter()
                JSONCodec().write(value, shape, format: nil, into: &writer)
                parts.body = Body(bytes: writer.output)
                setContentType("application/json", &parts)
            }
        }
    }

    private func setContentType(_ type: String, _ parts: inout HTTPResponseParts) {
        if parts.headers["Content-Type"] == nil { parts.headers["Content-Type"] = type }
    }

    // MARK: Errors

    /// The HTTP answer of an operation that went wrong.
    public func encodeError(
        _ error: ServiceError, operation: OperationModel?, requestID: String, hostID: String = ""
    ) -> HTTPResponseParts {
        let status = error.status ?? model.errorStatus(error.code) ?? 400
        var parts = HTTPResponseParts(status: status, headers: error.headers)
        switch protocolName {
        case .query: parts.body = Body(bytes: queryError(error, status, requestID))
        case .restXML:
            parts.body = Body(
                bytes: model.identifier == "s3" ? s3Error(error, requestID, hostID) : queryError(error, status, requestID))
        case .json, .cbor, .restJSON:
            let shape = operation?.errors.first { $0.errorCode == error.code || $0.name == error.code }
            parts.headers["Content-Type"] = protocolName == .restJSON ? "application/json" : jsonContentType
            if protocolName == .restJSON { parts.headers["x-amzn-ErrorType"] = error.code }
            if model.isQueryCompatible {
                parts.headers["x-amzn-query-error"] = "\(shape?.errorCode ?? error.code);\(status < 500 ? "Sender" : "Receiver")"
            }
            parts.body = Body(bytes: jsonError(error, shape))
            return parts
        }
        // Not modified and answers to HEAD have no body to describe.
        if status == 304 { parts.body = Body(bytes: []) }
        parts.headers["Content-Type"] = protocolName == .query ? "text/xml" : "application/xml"
        return parts
    }

    private func jsonError(_ error: ServiceError, _ shape: Shape?) -> [UInt8] {
        var members: OrderedDictionary<String, Value> = [:]
        if protocolName != .restJSON { members["__type"] = .string(shape?.name ?? error.code) }
        let messageMember = shape?.members.first { $0.name.lowercased() == "message" }
        members[messageMember?.locationName ?? "message"] = .string(error.message)
        for detail in error.details {
            members[shape?.member(named: detail.name)?.locationName ?? detail.name] = detail.value
        }
        return JSON.bytes(.object(members))
    }

    private func queryError(_ error: ServiceError, _ status: Int, _ requestID: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.open("ErrorResponse", model.xmlNamespace.map { [("xmlns", $0)] } ?? [])
        writer.open("Error")
        writer.element("Type", status < 500 ? "Sender" : "Receiver")
        writer.element("Code", error.code)
        writer.element("Message", error.message)
        for detail in error.details { writer.element(detail.name, detail.value.stringValue ?? JSON.serialize(detail.value)) }
        writer.close("Error")
        writer.element("RequestId", requestID)
        writer.close("ErrorResponse")
        return writer.output
    }

    private func s3Error(_ error: ServiceError, _ requestID: String, _ hostID: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.declaration()
        writer.open("Error")
        writer.element("Code", error.code)
        writer.element("Message", error.message)
        for detail in error.details { writer.element(detail.name, detail.value.stringValue ?? JSON.serialize(detail.value)) }
        writer.element("RequestId", requestID)
        writer.element("HostId", hostID)
        writer.close("Error")
        return writer.output
    }
}
