// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel

/// Values as XML, as their shapes say: the bodies of rest-xml, and the answers of query.
struct XMLCodec {
    var scalars: ScalarText
    /// Text that does not fit its shape is refused; otherwise left out.
    var isStrict = true

    // MARK: Writing

    /// Writes the members of a structure that belong into its element.
    func writeMembers(
        _ value: Value, _ shape: Shape, into writer: inout XMLWriter, where isWanted: (Member) -> Bool = { _ in true }
    ) {
        for member in shape.members where !member.isXMLAttribute && isWanted(member) {
            if let content = value[member.name] { write(content, member, name: member.locationName, into: &writer) }
        }
    }

    /// Writes a member as an element called `name`, or as several where it is flattened.
    func write(_ value: Value, _ member: Member, name: String, into writer: inout XMLWriter) {
        let shape = member.shape
        switch (shape.kind, value) {
        case (.list, .list(let elements)):
            guard let element = shape.element else { return }
            if member.isFlattened || shape.isFlattened {
                for content in elements where content != .null { write(content, element, name: name, into: &writer) }
            } else {
                writer.open(name, namespace(member, shape))
                for content in elements where content != .null {
                    write(content, element, name: element.declaredLocationName ?? "member", into: &writer)
                }
                writer.close(name)
            }
        case (.map, .object(let entries)):
            let isFlattened = member.isFlattened || shape.isFlattened
            if !isFlattened { writer.open(name, namespace(member, shape)) }
            let entryName = isFlattened ? name : "entry"
            for (key, content) in entries where content != .null {
                guard let keyMember = shape.key, let valueMember = shape.value else { continue }
                writer.open(entryName, isFlattened ? namespace(member, shape) : [])
                write(.string(key), keyMember, name: keyMember.declaredLocationName ?? "key", into: &writer)
                write(content, valueMember, name: valueMember.declaredLocationName ?? "value", into: &writer)
                writer.close(entryName)
            }
            if !isFlattened { writer.close(name) }
        case (.structure, _):
            writer.open(name, namespace(member, shape) + attributes(value, shape))
            writeMembers(value, shape, into: &writer)
            writer.close(name)
        default:
            writer.open(name, namespace(member, shape))
            writer.text(scalars.text(value, shape, format: member.timestampFormat))
            writer.close(name)
        }
    }

    /// A structure's members that are attributes of its element.
    func attributes(_ value: Value, _ shape: Shape) -> [(name: String, value: String)] {
        shape.members.filter(\.isXMLAttribute).compactMap { member in
            value[member.name].map { (member.locationName, scalars.text($0, member.shape, format: member.timestampFormat)) }
        }
    }

    func namespace(_ member: Member?, _ shape: Shape?) -> [(name: String, value: String)] {
        guard let uri = member?.xmlNamespace ?? shape?.xmlNamespace else { return [] }
        let prefix = member?.xmlNamespacePrefix ?? shape?.xmlNamespacePrefix
        return [(prefix.map { "xmlns:\($0)" } ?? "xmlns", uri)]
    }

    // MARK: Reading

    /// The members that an element holds.
    func readMembers(_ element: XMLElement, _ shape: Shape, where isWanted: (Member) -> Bool = { _ in true }) throws -> Value {
        var members: OrderedDictionary<String, Value> = [:]
        for member in shape.members where isWanted(member) {
            if member.isXMLAttribute {
                if let text = element.attribute(member.locationName) {
                    members[member.name] = try scalar(text, member, member.name)
                }
                continue
            }
            let memberShape = member.shape
            let isFlattened = member.isFlattened || memberShape.isFlattened
            if isFlattened, memberShape.kind == .list || memberShape.kind == .map {
                var found = element.children.filter { $0.name == member.locationName }
                // Some models name the element of a flattened list rather than its member.
                if found.isEmpty, memberShape.kind == .list, let name = memberShape.element?.declaredLocationName {
                    found = element.children.filter { $0.name == name }
                }
                if found.isEmpty { continue }
                members[member.name] = memberShape.kind == .list ? try list(found, memberShape) : try map(found, memberShape)
            } else {
                let name = Self.localName(member.locationName)
                guard let child = element.children.first(where: { $0.name == name }) else { continue }
                members[member.name] = try read(child, member, place: member.name)
            }
        }
        return .object(members)
    }

    private static func localName(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    /// The value of a member's element.
    func read(_ element: XMLElement, _ member: Member, place: String) throws -> Value {
        let shape = member.shape
        switch shape.kind {
        case .structure: return try readMembers(element, shape)
        case .list:
            let name = shape.element?.declaredLocationName ?? "member"
            return try list(element.children.filter { $0.name == name }, shape)
        case .map: return try map(element.children.filter { $0.name == "entry" }, shape)
        default: return try scalar(element.text, member, place) ?? .null
        }
    }

    private func list(_ elements: [XMLElement], _ shape: Shape) throws -> Value {
        guard let member = shape.element else { return .list([]) }
        return .list(try elements.map { try read($0, member, place: shape.name) })
    }

    private func map(_ entries: [XMLElement], _ shape: Shape) throws -> Value {
        guard let key = shape.key, let value = shape.value else { return .emptyObject }
        var members: OrderedDictionary<String, Value> = [:]
        for entry in entries {
            guard let keyElement = entry.child(key.declaredLocationName ?? "key") else { continue }
            guard let valueElement = entry.child(value.declaredLocationName ?? "value") else { continue }
            members[keyElement.text] = try read(valueElement, value, place: keyElement.text)
        }
        return .object(members)
    }

    private func scalar(_ text: String, _ member: Member, _ place: String) throws -> Value? {
        let shape = member.shape
        let trimmed = shape.kind == .string ? text : text.trimmingSpace
        if let value = scalars.value(trimmed, shape) { return value }
        if isStrict { throw MalformedInput(place: place, problem: "is not of type \(shape.kind.rawValue)", found: text) }
        return nil
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmingSpace: String {
        guard let start = firstIndex(where: { !$0.isWhitespace }), let end = lastIndex(where: { !$0.isWhitespace }) else {
            return ""
        }
        return String(self[start...end])
    }
}
