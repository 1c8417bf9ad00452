// SPDX-License-Identifier: Apache-2.0

import JMESPath
import Wire

/// A command that is not one operation of a model: `s3 cp`, `logs tail`, `ecr get-login-password`, `configure`.
///
/// Plugged in through the runner's one table. A command that stands where a service has operations (`logs tail`) takes
/// precedence over them; a command whose path is one word (`s3`) gets everything after it.
public protocol CustomCommand: Sendable {
    /// The words after `aws`: `["logs", "tail"]`.
    static var path: [String] { get }

    init()

    /// Runs the command; global options are already taken out of `arguments`.
    ///
    /// - Returns: The exit status.
    /// - Throws: `CommandFailure` or `OperationError`, rendered by the runner with their exit statuses; any other error is
    ///   printed as it describes itself, with status 255.
    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32
}

/// What a running command has at hand: services, settings and streams.
public struct CommandContext: Sendable {
    /// What answers requests.
    public let client: any ServiceClient
    /// All else outside.
    public let environment: CommandEnvironment
    /// The global options.
    public let options: GlobalOptions
    /// Nil where nothing says which.
    public let region: String?
    /// Whose requests they are.
    let credentialSource: CredentialSource
    /// The configuration files' settings of the chosen profile.
    public let configuration: Configuration
    /// What prints outputs.
    public let formatter: OutputFormatter
    /// An output format of the settings that there is none of: said only when there is something to print.
    let unknownOutput: String?
    /// `cli_timestamp_format = wire`: times are shown as the service's protocol writes them.
    let keepsWireTimes: Bool

    /// Whose requests the command's are; nil where nothing says so.
    ///
    /// - Throws: `OperationError` or `CommandFailure` where the profile's role cannot be assumed.
    public func credentials() async throws -> Credentials? { try await credentialSource.resolve()?.credentials }

    /// Sends one request in the command's region, signed with its credentials unless `--no-sign-request`.
    ///
    /// - Throws: `OperationError` where the service says no; `CommandFailure` without region or credentials.
    public func send(
        _ service: String, _ operation: String, _ input: Value = .emptyObject, body: Body? = nil, region: String? = nil
    ) async throws -> ServiceResponse {
        guard let region = region ?? self.region else { throw CommandFailure.noRegion }
        if service == "s3", let bucket = input["Bucket"]?.stringValue, !BucketName.isSendable(bucket) {
            throw CommandFailure.parameter("Parameter validation failed:\n\(BucketName.complaint(bucket))")
        }
        let credentials = options.skipsSigning ? nil : try await credentials()
        if credentials == nil, !options.skipsSigning { throw CommandFailure.noCredentials }
        let request = ServiceRequest(
            service: service, operation: operation, input: input, body: body, credentials: credentials, region: region)
        do {
            return try await client.send(request)
        } catch let error as ServiceError {
            throw OperationError(service: service, operation: operation, error: error)
        }
    }

    /// Writes text to standard output.
    public func write(_ text: String) {
        if !text.isEmpty { environment.streams.writeOutput(Array(text.utf8)) }
    }

    /// Writes text to standard error.
    public func writeError(_ text: String) {
        if !text.isEmpty { environment.streams.writeError(Array(text.utf8)) }
    }
}

/// A service's refusal, and of which operation.
public struct OperationError: Error, Sendable, CustomStringConvertible {
    /// The service's identifier.
    public var service: String
    /// The operation's name.
    public var operation: String
    /// What the service said.
    public var error: ServiceError

    /// A refusal of an operation.
    public init(service: String, operation: String, error: ServiceError) {
        self.service = service
        self.operation = operation
        self.error = error
    }

    /// `An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist`.
    public var description: String {
        let retries = error.retryCount > 0 ? " (reached max retries: \(error.retryCount))" : ""
        return "An error occurred (\(error.code)) when calling the \(operation) operation\(retries): \(error.message)"
    }
}
