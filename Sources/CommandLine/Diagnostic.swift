// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import ServiceModel
import Wire

/// Why a command did not run, or failed without a service's word on it.
public struct CommandFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which exit status and frame the text gets.
    public enum Kind: Sendable, Equatable {
        /// The command line, its parameters or their values: 252.
        case parameterValidation
        /// Words that nothing takes, below the usage: 252.
        case unknownOptions
        /// Settings: 253. The code shows in structured errors.
        case configuration(code: String)
        /// Anything else: 255.
        case general
    }

    /// The frame and the exit status.
    public var kind: Kind
    /// The complaint.
    public var text: String

    /// A failure of a kind.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// The complaint.
    public var description: String { text }

    /// 252, 253 or 255.
    public var exitStatus: Int32 {
        switch kind {
        case .parameterValidation, .unknownOptions: 252
        case .configuration: 253
        case .general: 255
        }
    }

    /// A parameter's problem: the text alone.
    public static func parameter(_ text: String) -> CommandFailure { CommandFailure(.parameterValidation, text) }
    /// A mistake in the command line's shape: the text, then how commands look.
    public static func usage(_ text: String) -> CommandFailure {
        CommandFailure(.parameterValidation, "\(text)\n\nusage: \(Diagnostic.usage)")
    }
    /// Words that a command beside the tables' operations does not take.
    static func unknownOptions(_ words: [String]) -> CommandFailure {
        .parameter("Unknown options: \(words.joined(separator: ","))")
    }
    /// The text alone, status 255.
    public static func general(_ text: String) -> CommandFailure { CommandFailure(.general, text) }

    /// No option, variable or file says which region.
    public static let noRegion = CommandFailure(
        .configuration(code: "NoRegion"),
        #"You must specify a region. You can also configure your region by running "aws configure"."#)
    /// No variable or file says whose requests these are.
    public static let noCredentials = CommandFailure(
        .configuration(code: "NoCredentials"),
        #"Unable to locate credentials. You can configure credentials by running "aws login"."#)
}

/// How errors are written: the one place that makes their text.
public enum Diagnostic {
    /// What follows `usage: ` in every complaint about a command line.
    public static let usage = """
        aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
        To see help text, you can run:

          aws help
          aws <command> help
          aws <command> <subcommand> help

        """

    /// The frame around every message.
    public static func framed(_ message: String) -> String {
        "\naws: [ERROR]: \(message.trimmingCharacters(in: .whitespacesAndNewlines))\n"
    }

    /// An error's text for standard error, and the exit status.
    public static func render(_ error: any Error, format: ErrorFormat, usesColor: Bool) -> (text: String, exitStatus: Int32) {
        switch error {
        case let failure as CommandFailure: (render(failure, format: format, usesColor: usesColor), failure.exitStatus)
        case let refusal as OperationError: (render(refusal, format: format, usesColor: usesColor), 254)
        case is CancellationError: ("\n", 130)
        default: (framed(String(describing: error)), 255)
        }
    }

    private static func render(_ failure: CommandFailure, format: ErrorFormat, usesColor: Bool) -> String {
        let code: String
        switch failure.kind {
        case .general: return framed(failure.text)
        case .unknownOptions: return "\nusage: \(usage)\n" + framed(failure.text)
        case .parameterValidation: code = "ParamValidation"
        case .configuration(let configured): code = configured
        }
        switch format {
        case .legacy: return framed(failure.text)
        case .enhanced: return framed("An error occurred (\(code)): \(failure.text)")
        case .structured(let output):
            return structured(["Code": .string(code), "Message": .string(failure.text)], output, usesColor) ?? framed(failure.text)
        }
    }

    private static func render(_ refusal: OperationError, format: ErrorFormat, usesColor: Bool) -> String {
        let details = modelledDetails(of: refusal)
        switch format {
        case .legacy: return framed(refusal.description)
        case .enhanced: return framed(refusal.description) + enhancedDetails(details)
        case .structured(let output):
            // In the order in which the protocol's answers have them.
            let isXML = [.query, .restXML].contains(ServiceCatalog.service(refusal.service)?.protocolName)
            let message = ("Message", JSONValue.string(refusal.error.message))
            let code = ("Code", JSONValue.string(refusal.error.code))
            let members =
                (isXML ? [code, message] : [message, code])
                + details.map { ($0.name, JSONValue($0.value, zone: .universal)) }
            return structured(.object(JSONObject(members)), output, usesColor) ?? framed(refusal.description)
        }
    }

    private static func structured(_ value: JSONValue, _ output: OutputFormat, _ usesColor: Bool) -> String? {
        try? OutputFormatter(format: output, usesColor: usesColor).text(of: value, operation: "error")
    }

    /// The details that the error's shape knows; others are not shown.
    private static func modelledDetails(of refusal: OperationError) -> [ServiceError.Detail] {
        guard let operation = ServiceCatalog.service(refusal.service)?.operation(refusal.operation),
            let shape = operation.errors.first(where: { $0.errorCode == refusal.error.code })
        else { return [] }
        let known = Set(shape.members.map { $0.name.lowercased() }).subtracting(["code", "message"])
        return refusal.error.details.filter { known.contains($0.name.lowercased()) }
    }

    /// What follows a refusal in the enhanced format: one line a detail, small collections inline.
    private static func enhancedDetails(_ details: [ServiceError.Detail]) -> String {
        if details.isEmpty { return "" }
        var text = "\nAdditional error details:\n"
        var hasComplexValue = false
        for detail in details {
            if let shown = inline(JSONValue(detail.value, zone: .universal)) {
                text += "\(detail.name): \(shown)\n"
            } else {
                text += "\(detail.name): <complex value>\n"
                hasComplexValue = true
            }
        }
        if hasComplexValue {
            text += "Use \"--cli-error-format json\" or another error format to see the full details.\n"
        }
        return text
    }

    private static func inline(_ value: JSONValue) -> String? {
        switch value {
        case .array(let elements):
            guard elements.count < 5, elements.allSatisfy(\.isScalar) else { return nil }
            return "[" + elements.map(\.pythonDescription).joined(separator: ", ") + "]"
        case .object(let object):
            guard object.count < 5, object.values.allSatisfy(\.isScalar) else { return nil }
            return "{" + object.members.map { "\($0): \($1.pythonDescription)" }.joined(separator: ", ") + "}"
        default: return value.pythonDescription
        }
    }
}

/// `--cli-error-format`.
public enum ErrorFormat: Sendable, Equatable {
    case legacy, enhanced
    case structured(OutputFormat)

    /// Nil for a name that is not a format.
    public init?(name: String) {
        switch name.lowercased() {
        case "legacy": self = .legacy
        case "enhanced": self = .enhanced
        case "json": self = .structured(.json)
        case "yaml": self = .structured(.yaml)
        case "text": self = .structured(.text)
        case "table": self = .structured(.table)
        default: return nil
        }
    }
}
