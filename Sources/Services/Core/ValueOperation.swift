// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel
import Wire

extension OperationRow {
    /// An operation whose input and output are values: for resources that are described by a table rather than by types.
    ///
    /// The output is brought into the model's shape: members that the shape lacks are left out, the others stand in its order.
    init(
        _ service: String, _ name: String, _ authorization: Authorization, depth: OperationDepth = .real,
        value handle: @escaping @Sendable (_ input: Value, _ call: Call) async throws -> Value
    ) {
        self.name = name
        self.authorization = authorization
        self.depth = depth
        self.handle = { input, call in
            let output = try await handle(input, call)
            let shape = ServiceCatalog.service(service)?.operation(name)?.output
            return ServiceResponse(output: shape.map { output.fitted(to: $0) } ?? .emptyObject)
        }
    }
}

extension Value {
    /// The value as a shape has it: only the shape's members, in its order, numbers as times where the shape says so.
    ///
    /// What doesn't fit the shape's kind is left out.
    func fitted(to shape: Shape) -> Value {
        switch (shape.kind, self) {
        case (.structure, .object(let members)):
            if shape.isDocument { return self }
            var fitted = OrderedDictionary<String, Value>(minimumCapacity: members.count)
            for member in shape.members {
                guard let value = members[member.name], value != .null else { continue }
                fitted[member.name] = value.fitted(to: member.shape)
            }
            return .object(fitted)
        case (.list, .list(let elements)):
            guard let element = shape.element?.shape else { return self }
            return .list(elements.map { $0.fitted(to: element) })
        case (.map, .object(let entries)):
            guard let element = shape.value?.shape else { return self }
            return .object(entries.mapValues { $0.fitted(to: element) })
        case (.timestamp, .integer), (.timestamp, .double): return doubleValue.map(Value.timestamp) ?? self
        case (.float, .integer(let number)), (.double, .integer(let number)): return .double(Double(number))
        case (.blob, .string(let text)): return Base64.decode(text).map(Value.blob) ?? self
        default: return self
        }
    }
}
