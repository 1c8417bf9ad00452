// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel

/// Another endpoint that a command goes to, and how it talks to it.
public struct RemoteAddress: Sendable, Hashable {
    /// `--endpoint-url`, or what variables and settings say.
    public var url: URL
    /// `--cli-connect-timeout`: 60 where nothing is said; nil waits as long as the system does.
    public var connectTimeoutSeconds: Int?
    /// `--cli-read-timeout`: 60 where nothing is said; nil waits for ever.
    public var readTimeoutSeconds: Int?
    /// False with `--no-verify-ssl`.
    public var verifiesCertificates = true
    /// `--ca-bundle`: a file of certificates to trust instead of the system's.
    public var certificateFile: String?
    /// How often a request is tried.
    public var maximumAttempts = 3

    /// The endpoint that a command's words and settings name; nil where they name none.
    init?(command: String, options: GlobalOptions, configuration: Configuration, environment: CommandEnvironment) {
        let text = options.endpointURL ?? Self.configured(command, configuration, environment.variables)
        guard let text, let url = URL(string: text) else { return nil }
        self.url = url
        connectTimeoutSeconds = options.connectTimeoutSeconds == 0 ? nil : options.connectTimeoutSeconds
        readTimeoutSeconds = options.readTimeoutSeconds == 0 ? nil : options.readTimeoutSeconds
        verifiesCertificates = options.verifiesCertificates
        let bundle = options.certificateFile ?? nonEmpty(environment.variables["AWS_CA_BUNDLE"]) ?? configuration.value("ca_bundle")
        certificateFile = bundle.map(environment.absolutePath)
        let attempts = nonEmpty(environment.variables["AWS_MAX_ATTEMPTS"]) ?? configuration.value("max_attempts")
        maximumAttempts = max(1, attempts.flatMap { Int($0) } ?? 3)
    }

    /// Variables before settings, the service's own before those for all.
    private static func configured(_ command: String, _ configuration: Configuration, _ variables: [String: String]) -> String? {
        let ignores = variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] ?? configuration.value("ignore_configured_endpoint_urls")
        if ignores?.lowercased() == "true" { return nil }
        let service = ServiceCatalog.service(commandName: command == "s3" ? "s3api" : command)
        let suffix = service.map { "_" + $0.serviceID.uppercased().replacingOccurrences(of: " ", with: "_") }
        return suffix.flatMap { nonEmpty(variables["AWS_ENDPOINT_URL" + $0]) } ?? nonEmpty(variables["AWS_ENDPOINT_URL"])
            ?? configuration.value("endpoint_url")
    }
}
