// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Finds whose requests a command's are: environment variables, the profile's role, its keys, the shell's own.
public actor CredentialSource {
    /// A key pair, and when it stops being good.
    struct Found: Sendable {
        var credentials: Credentials
        /// Seconds since 1970.
        var expiration: Double?
    }

    private let configuration: Configuration
    private let environment: CommandEnvironment
    private let client: any ServiceClient
    private let region: String?
    /// `--profile`, which environment variables stand behind.
    private let isProfileGiven: Bool
    private var found: Found??

    init(
        configuration: Configuration, environment: CommandEnvironment, client: any ServiceClient, region: String?,
        isProfileGiven: Bool
    ) {
        self.configuration = configuration
        self.environment = environment
        self.client = client
        self.region = region
        self.isProfileGiven = isProfileGiven
    }

    /// The credentials; nil where nothing says whose.
    ///
    /// A role is assumed once.
    func resolve() async throws -> Found? {
        if let found { return found }
        let result = try await look()
        found = result
        return result
    }

    private func look() async throws -> Found? {
        if !isProfileGiven, let credentials = fromVariables { return Found(credentials: credentials) }
        let name = configuration.profileName
        if configuration.profiles[name]?["role_arn"] != nil {
            var visited: [String] = []
            return try await assumeRole(of: name, &visited)
        }
        if let credentials = keys(of: name) { return Found(credentials: credentials) }
        return name == "default" ? environment.defaults.credentials.map { Found(credentials: $0) } : nil
    }

    private var fromVariables: Credentials? {
        let variables = environment.variables
        guard let key = nonEmpty(variables["AWS_ACCESS_KEY_ID"]), let secret = nonEmpty(variables["AWS_SECRET_ACCESS_KEY"]) else {
            return nil
        }
        return Credentials(
            accessKeyID: key, secretAccessKey: secret,
            sessionToken: nonEmpty(variables["AWS_SESSION_TOKEN"]) ?? nonEmpty(variables["AWS_SECURITY_TOKEN"]))
    }

    private func keys(of profile: String) -> Credentials? {
        let settings = configuration.profiles[profile] ?? [:]
        guard let key = nonEmpty(settings["aws_access_key_id"]), let secret = nonEmpty(settings["aws_secret_access_key"]) else {
            return nil
        }
        return Credentials(accessKeyID: key, secretAccessKey: secret, sessionToken: nonEmpty(settings["aws_session_token"]))
    }

    /// A profile with a `role_arn` acts as that role, of the profile or the variables that it names as the source.
    private func assumeRole(of profile: String, _ visited: inout [String]) async throws -> Found {
        let settings = configuration.profiles[profile] ?? [:]
        let source = try await sourceCredentials(of: profile, settings, &visited)
        guard let region = region ?? settings["region"] else { throw CommandFailure.noRegion }
        var input: Value = ["RoleArn": .string(settings["role_arn"] ?? "")]
        input["RoleSessionName"] = .string(settings["role_session_name"] ?? "botocore-session-\(Int(environment.now()))")
        if let identifier = settings["external_id"] { input["ExternalId"] = .string(identifier) }
        if let duration = settings["duration_seconds"].flatMap({ Int($0) }) { input["DurationSeconds"] = .integer(duration) }
        let request = ServiceRequest(service: "sts", operation: "AssumeRole", input: input, credentials: source, region: region)
        let answer: Value
        do {
            answer = try await client.send(request).output
        } catch let error as ServiceError {
            throw OperationError(service: "sts", operation: "AssumeRole", error: error)
        }
        guard let assumed = answer["Credentials"], let key = assumed["AccessKeyId"]?.stringValue,
            let secret = assumed["SecretAccessKey"]?.stringValue
        else { throw CommandFailure.general("The answer to AssumeRole has no credentials.") }
        return Found(
            credentials: Credentials(
                accessKeyID: key, secretAccessKey: secret, sessionToken: assumed["SessionToken"]?.stringValue),
            expiration: assumed["Expiration"]?.doubleValue)
    }

    private func sourceCredentials(
        of profile: String, _ settings: [String: String], _ visited: inout [String]
    ) async throws -> Credentials {
        switch (settings["source_profile"], settings["credential_source"]) {
        case (nil, nil):
            throw CommandFailure.general(
                "Partial credentials found in assume-role, missing: source_profile or credential_source")
        case (.some, .some):
            throw CommandFailure.general("The profile \"\(profile)\" contains both source_profile and credential_source.")
        case (nil, let place?):
            if place == "Environment", let credentials = fromVariables { return credentials }
            throw CommandFailure.general("No credentials found in credential_source referenced in profile \(profile)")
        case (let source?, nil):
            guard configuration.profiles[source] != nil else {
                throw CommandFailure.general(
                    "The source_profile \"\(source)\" referenced in the profile \"\(profile)\" does not exist.")
            }
            if source == profile || configuration.profiles[source]?["role_arn"] == nil {
                if let credentials = keys(of: source) { return credentials }
                throw CommandFailure.general(
                    "The source_profile \"\(source)\" must specify either static credentials or an assume role configuration")
            }
            if visited.contains(source) {
                let names = (visited + [profile]).joined(separator: "', '")
                throw CommandFailure.general(
                    "Infinite loop in credential configuration detected. Attempting to load from profile \(source) which has "
                        + "already been visited. Visited profiles: ['\(names)']")
            }
            visited.append(profile)
            return try await assumeRole(of: source, &visited).credentials
        }
    }
}
