// SPDX-License-Identifier: Apache-2.0

import JMESPath

/// Collects the sections of the `table` format: one for each object or list, those nested one level further in.
struct TableBuilder {
    private(set) var table = Table()

    /// Adds what shows `value`.
    ///
    /// - Returns: False where there is nothing to show.
    mutating func build(title: String?, _ value: JSONValue, level: Int) throws(OutputError) -> Bool {
        if value.isPythonFalse { return false }
        if let title { table.startSection(title: title, level: level) }
        switch value {
        case .object(let object): try build(object, level: level)
        case .array(let elements):
            if case .object = elements.first {
                try build(objects: elements, title: title, level: level)
            } else {
                try build(rows: elements)
            }
        default: break
        }
        return true
    }

    private mutating func build(rows: [JSONValue]) throws(OutputError) {
        for row in rows {
            switch row {
            case .array(let cells) where cells.allSatisfy(\.isScalar): try table.addRow(cells.map(\.pythonDescription))
            case .array: _ = try build(title: nil, row, level: 0)
            // An object among other things shows the names of its members.
            case .object(let object): try table.addRow(object.keys)
            default: try table.addRow([row.pythonDescription])
            }
        }
    }

    private mutating func build(_ object: JSONObject, level: Int) throws(OutputError) {
        let (headers, nested) = Self.partition([object])
        if headers.count == 1 {
            try table.addRow([headers[0], (object[headers[0]] ?? .null).pythonDescription])
        } else if !headers.isEmpty {
            try table.addHeaders(headers)
            try table.addRow(headers.map { (object[$0] ?? .null).pythonDescription })
        }
        for key in nested { _ = try build(title: key, object[key] ?? .null, level: level + 1) }
    }

    private mutating func build(objects elements: [JSONValue], title: String?, level: Int) throws(OutputError) {
        if let complaint = Self.complaint(about: elements) { throw .layout(complaint) }
        let objects: [JSONObject] = elements.compactMap { if case .object(let object) = $0 { object } else { nil } }
        let (headers, nested) = Self.partition(objects)
        try table.addHeaders(headers)
        for (position, object) in objects.enumerated() {
            if position > 0, !nested.isEmpty {
                table.startSection(title: title, level: level)
                try table.addHeaders(headers)
            }
            try table.addRow(headers.map { object[$0]?.pythonDescription ?? "" })
            for key in nested {
                if let value = object[key] { _ = try build(title: key, value, level: level + 1) }
            }
        }
    }

    /// What the real CLI says when a list that starts with an object goes on with something else: it looks for names in
    /// each element first, then for each name's value.
    private static func complaint(about elements: [JSONValue]) -> String? {
        for element in elements {
            switch element {
            case .object: break
            case .string(let text) where text.isEmpty: break
            case .string: return "string indices must be integers, not 'str'"
            case .array(let inner):
                for index in inner {
                    guard case .integer(let position) = index else {
                        return "list indices must be integers or slices, not \(index.pythonTypeName)"
                    }
                    if !(-inner.count..<inner.count).contains(position) { return "list index out of range" }
                }
            default: return "'\(element.pythonTypeName)' object is not iterable"
            }
        }
        for element in elements {
            if case .object = element { continue }
            return "'\(element.pythonTypeName)' object has no attribute 'get'"
        }
        return nil
    }

    /// The names of scalar members and those of the others, each sorted.
    private static func partition(_ objects: [JSONObject]) -> (scalars: [String], nested: [String]) {
        var scalars: Set<String> = []
        var nested: Set<String> = []
        for object in objects {
            for (key, value) in object.members {
                if value.isScalar {
                    scalars.insert(key)
                } else {
                    nested.insert(key)
                }
            }
        }
        return (sortedByCodePoints(scalars), sortedByCodePoints(nested))
    }
}
