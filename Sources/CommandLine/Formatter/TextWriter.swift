// SPDX-License-Identifier: Apache-2.0

import JMESPath

/// The `text` format: tab-separated lines of scalars, what is nested on lines of its own under the name of its member.
struct TextWriter {
    private(set) var text = ""

    /// - Parameters:
    ///   - identifier: The name of the member that holds the value; its capitals start each line.
    ///   - columns: The names of the scalar members that each object of a list shows, so that its columns line up.
    mutating func write(_ value: JSONValue, identifier: String? = nil, columns: [String]? = nil) throws(OutputError) {
        switch value {
        case .object(let object): try write(object, identifier: identifier, columns: columns)
        case .array(let elements): try write(elements, identifier: identifier)
        default: text += value.pythonDescription + "\n"
        }
    }

    private mutating func write(_ elements: [JSONValue], identifier: String?) throws(OutputError) {
        if elements.isEmpty { return }
        let hasObjects = elements.contains { if case .object = $0 { true } else { false } }
        if hasObjects {
            var names: Set<String> = []
            for element in elements {
                // The real CLI stops here too: a list that mixes objects with others has no columns.
                guard case .object(let object) = element else {
                    throw .layout("'\(element.pythonTypeName)' object has no attribute 'items'")
                }
                for (key, value) in object.members where value.isScalar { names.insert(key) }
            }
            let columns = sortedByCodePoints(names)
            for element in elements { try write(element, identifier: identifier, columns: columns) }
            return
        }
        let scalars = elements.filter(\.isScalar)
        if !scalars.isEmpty { write(scalars: scalars, identifier: identifier) }
        for element in elements where !element.isScalar { try write(element, identifier: identifier) }
    }

    private mutating func write(scalars: [JSONValue], identifier: String?) {
        if let identifier {
            for scalar in scalars { text += identifier.uppercased() + "\t" + scalar.pythonDescription + "\n" }
        } else {
            text += scalars.map(\.pythonDescription).joined(separator: "\t") + "\n"
        }
    }

    private mutating func write(_ object: JSONObject, identifier: String?, columns: [String]?) throws(OutputError) {
        var fields: [String] = []
        var nested: [String] = []
        if let columns {
            fields = columns.map { object[$0]?.pythonDescription ?? "" }
            nested = sortedByCodePoints(Set(object.keys).subtracting(columns))
        } else {
            for key in sortedByCodePoints(object.keys) {
                guard let value = object[key] else { continue }
                if value.isScalar {
                    fields.append(value.pythonDescription)
                } else {
                    nested.append(key)
                }
            }
        }
        if !fields.isEmpty {
            if let identifier { fields.insert(identifier.uppercased(), at: 0) }
            text += fields.joined(separator: "\t") + "\n"
        }
        for key in nested { try write(object[key] ?? .null, identifier: key) }
    }
}
