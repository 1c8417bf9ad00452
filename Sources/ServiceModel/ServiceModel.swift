// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A wire protocol; the raw values are the models' own.
public enum ServiceProtocol: String, Sendable, Hashable {
    case query
    case json
    case restJSON = "rest-json"
    case restXML = "rest-xml"
    case cbor = "smithy-rpc-v2-cbor"
}

/// One service's model.
///
/// Parsed in steps: names at once, the index at the first question, a shape when it is asked for.
public final class ServiceModel: Sendable {
    /// `s3`, `sagemaker-runtime`.
    public let identifier: String
    /// The command line's name: `s3api`, `sagemaker-runtime`.
    public let commandName: String
    /// `SageMaker Runtime`.
    public let serviceID: String
    /// The start of its host's name: `api.sagemaker`.
    public let endpointPrefix: String
    /// The service in a signature's scope; `sagemaker` for three services.
    public let signingName: String
    /// The date in the query protocol.
    public let apiVersion: String
    /// What the service speaks, the one that clients prefer first.
    public let protocols: [ServiceProtocol]
    /// `1.0` or `1.1` of the json protocol.
    public let jsonVersion: String?
    /// What stands before the operation's name in `X-Amz-Target`.
    public let targetPrefix: String?
    /// The namespace of its XML answers.
    public let xmlNamespace: String?
    /// One endpoint for all regions.
    public let isGlobal: Bool
    /// A json service that answers in the query protocol's error codes to those who ask.
    public let isQueryCompatible: Bool
    private let text: ModelText
    private let lazyIndex = Lazy<ServiceIndex>()
    private let lazyOperations = Lazy<[OperationModel]>()
    private let lazyErrata = Lazy<ServiceErrata>()
    private let lazyErrorStatuses = Lazy<[String: Int]>()
    private let shapes = Mutex<[Shape?]>([])

    /// `text` is the service's own line and all that follows up to the next service's.
    init(text: ModelText) {
        self.text = text
        var fields = ModelFields(text[0..<text.lineEnd(from: 0)])
        _ = fields.next()
        identifier = fields.nextString()
        var facts: [String: ModelText] = [:]
        while let field = fields.next() {
            let (key, value) = field.keyAndValue
            facts[key.string] = value
        }
        commandName = facts["command"]?.decoded ?? identifier
        serviceID = facts["id"]?.decoded ?? identifier
        endpointPrefix = facts["endpoint"]?.decoded ?? identifier
        signingName = facts["signing"]?.decoded ?? identifier
        apiVersion = facts["version"]?.decoded ?? ""
        protocols = (facts["protocols"]?.list ?? []).compactMap(ServiceProtocol.init(rawValue:))
        jsonVersion = facts["json"]?.decoded
        targetPrefix = facts["target"]?.decoded
        xmlNamespace = facts["xmlns"]?.decoded
        isGlobal = facts["global"] != nil
        isQueryCompatible = facts["query-compatible"] != nil
    }

    /// The protocol that clients prefer.
    public var protocolName: ServiceProtocol { protocols.first ?? .json }

    var index: ServiceIndex { lazyIndex.get { ServiceIndex(text: text) } }
    var errata: ServiceErrata { lazyErrata.get { ServiceErrata(service: identifier) } }

    /// All operations, sorted by name.
    public var operations: [OperationModel] {
        lazyOperations.get { index.operations.map { OperationModel(line: text[$0], model: self) } }
    }

    /// The operation called `name` in the model.
    public func operation(_ name: String) -> OperationModel? {
        let all = operations
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].name == name { return all[middle] }
            if all[middle].name.utf8.lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The operation called `commandName` on the command line; operations that it leaves out are not found.
    public func operation(commandName: String) -> OperationModel? {
        let squeezed = commandName.utf8.filter { $0 != 0x2d }
        return operations.first { operation in
            // Cheaper than making each name: letters first, then the real comparison.
            operation.name.utf8.count == squeezed.count
                && operation.name.utf8.elementsEqual(squeezed) { left, right in
                    (left >= 0x41 && left <= 0x5a ? left | 0x20 : left) == right
                }
                && operation.commandName == commandName && operation.isOffered
        }
    }

    /// All waiters, sorted by name.
    public var waiters: [Waiter] { index.waiters }

    /// The waiter called `commandName` on the command line.
    public func waiter(commandName: String) -> Waiter? {
        waiters.first { $0.commandName == commandName }
    }

    func paginator(of operation: String) -> Paginator? { index.paginators[operation] }

    /// The shape called `name`.
    public func shape(named name: String) -> Shape? {
        var name = name
        guard let place = name.withUTF8({ shapePlace(named: $0) }) else { return nil }
        return shape(at: place)
    }

    /// All shapes' names, sorted.
    public var shapeNames: [String] {
        index.shapes.map { ServiceIndex.shapeName(in: text, at: $0).string }
    }

    /// The error code of an input that breaks a constraint of its shape: `ValidationException`.
    public var validationErrorCode: String { errata.validationCode }

    /// The HTTP status of an error code: the errata's, else the model's, else nil.
    public func errorStatus(_ code: String) -> Int? {
        if let status = errata.errorStatuses[code] { return status }
        let modelled = lazyErrorStatuses.get {
            var statuses: [String: Int] = [:]
            for name in Set(operations.flatMap { $0.errors.map(\.name) }) {
                if let shape = shape(named: name) { statuses[shape.errorCode] = shape.errorStatus }
            }
            return statuses
        }
        return modelled[code]
    }

    func shapePlace(named name: UnsafeBufferPointer<UInt8>) -> Int? {
        let starts = index.shapes
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            let order = ServiceIndex.shapeName(in: text, at: starts[middle]).compare(name)
            if order == 0 { return middle }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    func shape(at place: Int) -> Shape {
        let known = shapes.withLock { $0.indices.contains(place) ? $0[place] : nil }
        if let known { return known }
        let made = makeShape(at: place)
        return shapes.withLock { shapes in
            if shapes.isEmpty { shapes = Array(repeating: nil, count: index.shapes.count) }
            guard shapes.indices.contains(place) else { return made }
            if let known = shapes[place] { return known }
            shapes[place] = made
            return made
        }
    }

    private func makeShape(at place: Int) -> Shape {
        guard index.shapes.indices.contains(place) else {
            // The extraction checks that every named shape exists; a plain string is the harmless reading otherwise.
            return Shape(facts: ShapeFacts(line: text[0..<0]), members: [])
        }
        let start = index.shapes[place]
        let end = text.lineEnd(from: start)
        let facts = ShapeFacts(line: text[start..<end])
        var members: [Member] = []
        var line = end + 1
        while text.hasPrefix(". ", at: line) {
            let end = text.lineEnd(from: line)
            members.append(Member(line: text[line..<end], required: facts.required, service: self))
            line = end + 1
        }
        return Shape(facts: facts, members: members)
    }
}

/// Where in a service's text what is.
struct ServiceIndex: Sendable {
    /// The operations' lines.
    var operations: [Range<Int>] = []
    /// The starts of the shapes' lines, sorted by name.
    var shapes: [Int] = []
    var paginators: [String: Paginator] = [:]
    var waiters: [Waiter] = []

    init(text: ModelText) {
        var line = 0
        while line < text.count {
            let end = text.lineEnd(from: line)
            // Nearly all lines are members: they are passed over at once.
            if text.bytes[line] != 0x2e {
                if text.hasPrefix("shape ", at: line) {
                    shapes.append(line)
                } else if text.hasPrefix("operation ", at: line) {
                    operations.append(line..<end)
                } else if text.hasPrefix("paginator ", at: line) {
                    var fields = ModelFields(text[line..<end])
                    _ = fields.next()
                    paginators[fields.nextString()] = Paginator(line: text[line..<end])
                } else if text.hasPrefix("waiter ", at: line) {
                    waiters.append(Waiter(line: text[line..<end], acceptors: Self.acceptors(in: text, from: end + 1)))
                }
            }
            line = end + 1
        }
    }

    private static func acceptors(in text: ModelText, from start: Int) -> [Waiter.Acceptor] {
        var acceptors: [Waiter.Acceptor] = []
        var line = start
        while text.hasPrefix("> ", at: line) {
            let end = text.lineEnd(from: line)
            if let acceptor = Waiter.Acceptor(line: text[line..<end]) { acceptors.append(acceptor) }
            line = end + 1
        }
        return acceptors
    }

    static func shapeName(in text: ModelText, at line: Int) -> ModelText {
        let start = line + 6
        return text[start..<text.place(of: 0x20, from: start)]
    }
}
