// SPDX-License-Identifier: Apache-2.0

/// All services whose models are in the program.
public enum ServiceCatalog {
    /// Sorted by identifier.
    public static let services: [ServiceModel] = {
        let text = ModelText.services
        var services: [ServiceModel] = []
        var line = text.lineEnd(from: 0) + 1
        while line < text.count {
            // Each service says how long it is, so that nobody reads through those that are not asked for.
            let end = text.lineEnd(from: line)
            var length = 0
            for field in ModelFields(text[line..<end]) where field.hasPrefix("bytes=") {
                length = field.keyAndValue.value.integer
            }
            services.append(ServiceModel(text: text[line..<min(end + 1 + length, text.count)]))
            line = end + 1 + length
        }
        return services
    }()

    /// The service with the model's identifier: `s3`.
    public static func service(_ identifier: String) -> ServiceModel? {
        services.first { $0.identifier == identifier }
    }

    /// The service with the command line's name: `s3api`.
    public static func service(commandName: String) -> ServiceModel? {
        services.first { $0.commandName == commandName }
    }
}

/// What errata.model says about one service.
struct ServiceErrata: Sendable {
    /// Root elements by operation.
    var elements: [String: String] = [:]
    var errorStatuses: [String: Int] = [:]
    /// Options by operation and member.
    var options: [String: [String: String]] = [:]
    /// Operations that the command line leaves out.
    var removed: Set<String> = []
    /// The error code of an input that breaks a constraint of its shape.
    var validationCode = "ValidationException"

    init(service: String) {
        let text = ModelText.errata
        var isWanted = false
        var line = 0
        while line < text.count {
            let end = text.lineEnd(from: line)
            var fields = ModelFields(text[line..<end])
            line = end + 1
            let kind = fields.nextString()
            if kind == "service" {
                isWanted = fields.nextString() == service
                continue
            }
            guard isWanted else { continue }
            switch kind {
            case "element": elements[fields.nextString()] = fields.nextString()
            case "error": errorStatuses[fields.nextString()] = fields.next()?.integer ?? 400
            case "option": options[fields.nextString(), default: [:]][fields.nextString()] = fields.nextString()
            case "remove": removed.insert(fields.nextString())
            case "validation": validationCode = fields.nextString()
            default: break
            }
        }
    }
}
