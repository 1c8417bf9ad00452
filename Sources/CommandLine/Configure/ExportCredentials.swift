// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import Wire

/// `aws configure export-credentials`: whose requests the profile's are, in a form for other programs.
struct ExportCredentialsCommand: CustomCommand {
    static let path = ["configure", "export-credentials"]

    private static let formats = ["process", "env", "env-no-export", "powershell", "windows-cmd", "fish"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try ArgumentParser([ArgumentSpecification(option: "--format", choices: Self.formats)]).parse(arguments)
        if !parsed.remaining.isEmpty { throw CommandFailure.unknownOptions(parsed.remaining) }
        let found: CredentialSource.Found?
        do {
            found = try await context.credentialSource.resolve()
        } catch let error as CommandFailure {
            throw failure(error.text)
        } catch let error as OperationError {
            throw failure(error.description)
        }
        guard let found else { throw failure("no credentials found") }
        let credentials = found.credentials
        let expiration = found.expiration.map { isoTimestamp($0, zone: .universal) }
        var variables = [
            ("AWS_ACCESS_KEY_ID", credentials.accessKeyID), ("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey),
        ]
        if let token = credentials.sessionToken { variables.append(("AWS_SESSION_TOKEN", token)) }
        if let expiration { variables.append(("AWS_CREDENTIAL_EXPIRATION", expiration)) }
        let format = parsed.text("format") ?? "process"
        if format == "process" {
            var document = JSONObject([
                ("Version", .integer(1)), ("AccessKeyId", .string(credentials.accessKeyID)),
                ("SecretAccessKey", .string(credentials.secretAccessKey)),
            ])
            if let token = credentials.sessionToken { document["SessionToken"] = .string(token) }
            if let expiration { document["Expiration"] = .string(expiration) }
            context.write(JSONValue.object(document).json(indent: 2) + "\n")
        } else {
            context.write(variables.map { Self.line(format, $0.0, $0.1) + "\n" }.joined())
        }
        return 0
    }

    private func failure(_ text: String) -> CommandFailure {
        CommandFailure(.configuration(code: "Configuration"), "Unable to retrieve credentials: \(text)")
    }

    private static func line(_ format: String, _ name: String, _ value: String) -> String {
        switch format {
        case "env": "export \(name)=\(value)"
        case "powershell": "$Env:\(name)=\"\(value)\""
        case "windows-cmd": "set \(name)=\(value)"
        case "fish": "set -gx \(name) \"\(value)\""
        default: "\(name)=\(value)"
        }
    }
}
