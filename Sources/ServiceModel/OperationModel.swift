// SPDX-License-Identifier: Apache-2.0

/// One operation of a service: its input, output, errors and HTTP binding.
public final class OperationModel: Sendable {
    /// `CreateTrainingJob`.
    public let name: String
    /// The service's identifier: `sagemaker`.
    public let service: String
    private let line: ModelText
    private let model: ServiceModel
    private let lazyFacts = Lazy<OperationFacts>()
    private let lazyCommandName = Lazy<String>()

    init(line: ModelText, model: ServiceModel) {
        var fields = ModelFields(line)
        _ = fields.next()
        name = fields.nextString()
        service = model.identifier
        self.line = line
        self.model = model
    }

    private var facts: OperationFacts { lazyFacts.get { OperationFacts(line: line) } }

    /// `create-training-job`.
    public var commandName: String { lazyCommandName.get { kebabCase(name) } }
    /// The service that it belongs to.
    public var serviceModel: ServiceModel { model }
    /// The method of the request: `GET`.
    public var httpMethod: String { facts.method }
    /// The path and query of the request with `{Member}` and `{Member+}` in it.
    public var requestURI: String { facts.uri }
    /// The HTTP status of an answer.
    public var successStatus: Int { facts.status }
    /// The structure of its input.
    public var input: Shape? { facts.input.flatMap { model.shape(named: $0) } }
    /// The structure of its output.
    public var output: Shape? { facts.output.flatMap { model.shape(named: $0) } }
    /// The element around the output of the query protocol: `GetCallerIdentityResult`.
    public var outputWrapper: String? { facts.wrapper }
    /// The root element of a rest-xml input without payload member.
    public var inputElement: String? { facts.inputElement }
    /// The namespace of that element.
    public var inputNamespace: String? { facts.inputNamespace }
    /// The root element of a rest-xml output without payload member.
    public var outputElement: String? { model.errata.elements[name] }
    /// The exceptions that the model names.
    public var errors: [Shape] { facts.errors.compactMap { model.shape(named: $0) } }
    /// The member whose bytes travel as a `Body` rather than in the value: a blob that is the whole HTTP body.
    public var streamingInputMember: Member? { input?.payloadMember.flatMap { $0.shape.kind == .blob ? $0 : nil } }
    /// The member whose bytes come back as a `Body` rather than in the value: a blob that is the whole HTTP body.
    public var streamingOutputMember: Member? { output?.payloadMember.flatMap { $0.shape.kind == .blob ? $0 : nil } }
    /// How its listing continues, where it is one.
    public var paginator: Paginator? { model.paginator(of: name) }
    /// Marked as one not to use any more.
    public var isDeprecated: Bool { facts.flags.contains("deprecated") }
    /// False where a request needs no signature (`AssumeRoleWithWebIdentity`).
    public var requiresAuthentication: Bool { !facts.flags.contains("anonymous") }
    /// The signature leaves the body out.
    public var hasUnsignedPayload: Bool { facts.flags.contains("unsigned-payload") }
    /// The prefix of the host name, with `{Member}` in it.
    public var hostPrefix: String? { facts.host }
    /// The request must carry a checksum of its body.
    public var requiresChecksum: Bool { facts.flags.contains("checksum-required") }
    /// The input member that names the checksum's algorithm.
    public var checksumAlgorithmMember: String? { facts.checksumMember }
    /// The input member that asks for checksums in the answer.
    public var checksumModeMember: String? { facts.checksumMode }
    /// The checksums that an answer may carry.
    public var responseChecksumAlgorithms: [String] { facts.checksumResponse }
    /// The encodings that a request may be compressed with.
    public var requestCompressionEncodings: [String] { facts.compression }
    /// False for operations that the command line leaves out.
    public var isOffered: Bool { !model.errata.removed.contains(name) }

    /// The command line's option for a member of the input, without dashes.
    public func optionName(of member: Member) -> String {
        model.errata.options[name]?[member.name] ?? member.optionName
    }
}

/// An operation's line, read.
struct OperationFacts: Sendable {
    var method = ""
    var uri = ""
    var status = 200
    var input: String?
    var output: String?
    var wrapper: String?
    var inputElement: String?
    var inputNamespace: String?
    var errors: [String] = []
    var host: String?
    var checksumMember: String?
    var checksumMode: String?
    var checksumResponse: [String] = []
    var compression: [String] = []
    var flags: Set<String> = []

    init(line: ModelText) {
        var fields = ModelFields(line)
        _ = fields.next()
        _ = fields.next()
        method = fields.nextString()
        uri = fields.nextString()
        while let field = fields.next() {
            let (key, value) = field.keyAndValue
            switch key.string {
            case "in": input = value.string
            case "out": output = value.string
            case "status": status = value.integer
            case "wrapper": wrapper = value.string
            case "inputelement": inputElement = value.string
            case "xmlns": inputNamespace = value.decoded
            case "errors": errors = value.list
            case "host": host = value.decoded
            case "checksum-member": checksumMember = value.string
            case "checksum-mode": checksumMode = value.string
            case "checksum-response": checksumResponse = value.list
            case "compression": compression = value.list
            case let flag: flags.insert(flag)
            }
        }
    }
}
