// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel

/// Inputs as forms, `Member.1.Name=value`, as the query protocol sends them.
struct QueryCodec {
    let scalars = ScalarText(timestampFormat: .iso8601)

    // MARK: Writing

    /// The form's items of an input.
    func items(_ value: Value, _ shape: Shape?) -> [QueryItem] {
        var items: [QueryItem] = []
        if let shape { writeMembers(value, shape, prefix: "", into: &items) }
        return items
    }

    private func writeMembers(_ value: Value, _ shape: Shape, prefix: String, into items: inout [QueryItem]) {
        for member in shape.members {
            guard let content = value[member.name] else { continue }
            write(content, member, prefix: prefix.isEmpty ? member.locationName : "\(prefix).\(member.locationName)", into: &items)
        }
    }

    private func write(_ value: Value, _ member: Member, prefix: String, into items: inout [QueryItem]) {
        let shape = member.shape
        switch (shape.kind, value) {
        case (.structure, _): writeMembers(value, shape, prefix: prefix, into: &items)
        case (.list, .list(let elements)):
            guard let element = shape.element else { return }
            if elements.isEmpty { return items.append(QueryItem(prefix, "")) }
            var prefix = prefix
            if !(member.isFlattened || shape.isFlattened) {
                prefix += "." + (element.declaredLocationName ?? "member")
            } else if let name = element.declaredLocationName, member.declaredLocationName == nil {
                prefix = (prefix.split(separator: ".").dropLast().map(String.init) + [name]).joined(separator: ".")
            }
            for (position, content) in elements.enumerated() {
                write(content, element, prefix: "\(prefix).\(position + 1)", into: &items)
            }
        case (.map, .object(let entries)):
            guard let keyMember = shape.key, let valueMember = shape.value else { return }
            let prefix = member.isFlattened || shape.isFlattened ? prefix : prefix + ".entry"
            for (position, (key, content)) in entries.enumerated() {
                let entry = "\(prefix).\(position + 1)."
                items.append(QueryItem(entry + (keyMember.declaredLocationName ?? "key"), key))
                write(content, valueMember, prefix: entry + (valueMember.declaredLocationName ?? "value"), into: &items)
            }
        default: items.append(QueryItem(prefix, scalars.text(value, shape, format: member.timestampFormat)))
        }
    }

    // MARK: Reading

    /// A form's names, taken apart at their dots.
    private final class Node {
        var value: String?
        var children: OrderedDictionary<String, Node> = [:]

        func insert(_ path: ArraySlice<Substring>, _ value: String) {
            guard let first = path.first else {
                self.value = value
                return
            }
            let child = children[String(first)] ?? Node()
            children[String(first)] = child
            child.insert(path.dropFirst(), value)
        }

        /// The children whose names are numbers, in their order.
        var numbered: [Node] {
            children.compactMap { name, node in Int(name).map { ($0, node) } }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The input that a form stands for.
    func value(_ items: [QueryItem], _ shape: Shape?) throws -> Value {
        guard let shape else { return .emptyObject }
        let root = Node()
        for item in items { root.insert(item.name.split(separator: ".")[...], item.value ?? "") }
        return try readMembers(root, shape)
    }

    private func readMembers(_ node: Node, _ shape: Shape) throws -> Value {
        var members: OrderedDictionary<String, Value> = [:]
        for member in shape.members {
            var name = member.locationName
            if member.shape.kind == .list, member.isFlattened || member.shape.isFlattened, member.declaredLocationName == nil,
                let elementName = member.shape.element?.declaredLocationName
            {
                name = elementName
            }
            guard let child = node.children[name] else { continue }
            members[member.name] = try read(child, member, place: member.name)
        }
        return .object(members)
    }

    private func read(_ node: Node, _ member: Member, place: String) throws -> Value {
        let shape = member.shape
        let isFlattened = member.isFlattened || shape.isFlattened
        switch shape.kind {
        case .structure: return try readMembers(node, shape)
        case .list:
            guard let element = shape.element else { return .list([]) }
            // Clients disagree about the middle name; what holds the numbers is the list.
            let holder =
                isFlattened ? node : node.children[element.declaredLocationName ?? "member"] ?? node.children["member"] ?? node
            return .list(try holder.numbered.map { try read($0, element, place: place) })
        case .map:
            guard let keyMember = shape.key, let valueMember = shape.value else { return .emptyObject }
            let holder = isFlattened ? node : node.children["entry"] ?? node
            var members: OrderedDictionary<String, Value> = [:]
            for entry in holder.numbered {
                guard let key = entry.children[keyMember.declaredLocationName ?? "key"]?.value,
                    let content = entry.children[valueMember.declaredLocationName ?? "value"]
                else { continue }
                members[key] = try read(content, valueMember, place: place)
            }
            return .object(members)
        default:
            let text = node.value ?? ""
            if let value = scalars.value(shape.kind == .string ? text : text.trimmingSpace, shape) { return value }
            throw MalformedInput(place: place, problem: "is not of type \(shape.kind.rawValue)", found: text)
        }
    }
}
