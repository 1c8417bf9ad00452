// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import Wire

/// The options that every command takes, wherever they stand.
public struct GlobalOptions: Sendable {
    /// How `blob` parameters are written.
    public enum BinaryFormat: String, Sendable, CaseIterable {
        case base64
        case raw = "raw-in-base64-out"
    }

    /// `--debug`.
    public var isDebug = false
    /// `--endpoint-url`.
    public var endpointURL: String?
    /// False with `--no-paginate`.
    public var paginates = true
    /// `--output`.
    public var output: OutputFormat?
    /// `--query`.
    public var query: Query?
    /// `--profile`.
    public var profile: String?
    /// `--region`.
    public var region: String?
    /// `--color`.
    public var color = "auto"
    /// `--no-sign-request`.
    public var skipsSigning = false
    /// `--cli-binary-format`.
    public var binaryFormat: BinaryFormat?
    /// False with `--no-cli-pager`.
    public var usesPager = true
    /// `--cli-connect-timeout`, in seconds; 0 means without end.
    public var connectTimeoutSeconds = 60
    /// `--cli-read-timeout`, in seconds; 0 means without end.
    public var readTimeoutSeconds = 60
    /// False with `--no-verify-ssl`.
    public var verifiesCertificates = true
    /// `--ca-bundle`.
    public var certificateFile: String?
    /// `--cli-error-format`.
    public var errorFormat: ErrorFormat?

    /// No option given.
    public init() {}

    /// The options in the order in which help shows them.
    static let specifications: [ArgumentSpecification] = [
        ArgumentSpecification(option: "--debug", arity: .flag(true)),
        ArgumentSpecification(option: "--endpoint-url"),
        ArgumentSpecification(option: "--no-verify-ssl", arity: .flag(true)),
        ArgumentSpecification(option: "--no-paginate", arity: .flag(true)),
        ArgumentSpecification(option: "--output", choices: OutputFormat.allCases.map(\.rawValue)),
        ArgumentSpecification(option: "--query"),
        ArgumentSpecification(option: "--profile"),
        ArgumentSpecification(option: "--region"),
        ArgumentSpecification(option: "--version", arity: .flag(true)),
        ArgumentSpecification(option: "--color", choices: ["on", "off", "auto"]),
        ArgumentSpecification(option: "--no-sign-request", arity: .flag(true)),
        ArgumentSpecification(option: "--ca-bundle"),
        ArgumentSpecification(option: "--cli-read-timeout"),
        ArgumentSpecification(option: "--cli-connect-timeout"),
        ArgumentSpecification(option: "--cli-binary-format", choices: BinaryFormat.allCases.map(\.rawValue)),
        ArgumentSpecification(option: "--no-cli-pager", arity: .flag(true)),
        ArgumentSpecification(option: "--cli-auto-prompt", arity: .flag(true)),
        ArgumentSpecification(option: "--no-cli-auto-prompt", arity: .flag(true)),
        ArgumentSpecification(
            option: "--cli-error-format", choices: ["legacy", "json", "yaml", "text", "table", "enhanced"]),
    ]

    /// The settings as given, before any is checked beyond its choices.
    init(_ parsed: ParsedArguments) {
        isDebug = parsed.flag("debug")
        endpointURL = parsed.text("endpoint-url")
        paginates = !parsed.flag("no-paginate")
        output = parsed.text("output").flatMap(OutputFormat.init(rawValue:))
        profile = parsed.text("profile")
        region = parsed.text("region")
        color = parsed.text("color") ?? "auto"
        skipsSigning = parsed.flag("no-sign-request")
        binaryFormat = parsed.text("cli-binary-format").flatMap(BinaryFormat.init(rawValue:))
        usesPager = !parsed.flag("no-cli-pager")
        verifiesCertificates = !parsed.flag("no-verify-ssl")
        certificateFile = parsed.text("ca-bundle")
        errorFormat = parsed.text("cli-error-format").flatMap(ErrorFormat.init(name:))
    }

    /// Whether a stream gets colours: as `--color` says, on a terminal by default unless NO_COLOR is set.
    func usesColor(isTerminal: Bool, _ environment: CommandEnvironment) -> Bool {
        color == "on" || (color == "auto" && isTerminal && nonEmpty(environment.variables["NO_COLOR"]) == nil)
    }

    /// Compiles the query and looks at the rest of what can be wrong.
    mutating func check(_ parsed: ParsedArguments) throws(CommandFailure) {
        if let expression = parsed.text("query") {
            do {
                query = try Query(expression)
            } catch {
                throw .parameter("Bad value for --query \(expression): \(error)")
            }
        }
        if let endpointURL, !endpointURL.contains("://") {
            throw .parameter(
                "Bad value for --endpoint-url \"\(endpointURL)\": scheme is missing.  "
                    + "Must be of the form http://<hostname>/ or https://<hostname>/")
        }
        if parsed.flag("cli-auto-prompt"), parsed.flag("no-cli-auto-prompt") {
            throw .parameter("Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the same time.")
        }
        if let text = parsed.text("cli-read-timeout") { readTimeoutSeconds = try PythonNumber.integer(text) }
        if let text = parsed.text("cli-connect-timeout") { connectTimeoutSeconds = try PythonNumber.integer(text) }
    }
}

/// Numbers as Python's `int()` and `float()` read them, with their complaints.
enum PythonNumber {
    static func integer(_ text: String) throws(CommandFailure) -> Int {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let number = Int(trimmed.replacingOccurrences(of: "_", with: "")) else {
            throw .general("invalid literal for int() with base 10: \(JSONValue.string(text).pythonRepresentation)")
        }
        return number
    }

    static func double(_ text: String) throws(CommandFailure) -> Double {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let number = Double(trimmed), !trimmed.lowercased().contains("x") else {
            throw .general("could not convert string to float: \(JSONValue.string(text).pythonRepresentation)")
        }
        return number
    }
}
