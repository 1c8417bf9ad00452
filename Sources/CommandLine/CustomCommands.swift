// SPDX-License-Identifier: Apache-2.0

import JMESPath
import Wire

/// The commands that come with this module besides the tables' operations.
public enum CustomCommands {
    /// One row a command.
    public static let standard: [any CustomCommand.Type] = [
        ConfigureCommand.self, ConfigureSetCommand.self, ConfigureGetCommand.self, ConfigureListCommand.self,
        ConfigureListProfilesCommand.self, ExportCredentialsCommand.self, ImportCredentialsCommand.self,
        GetLoginPasswordCommand.self, LogsTailCommand.self, ExplainCommand.self,
        S3Command.self,
    ]
}

/// `aws ecr get-login-password`: the password for `docker login`, out of an authorization token.
struct GetLoginPasswordCommand: CustomCommand {
    static let path = ["ecr", "get-login-password"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        if !arguments.isEmpty { throw CommandFailure.unknownOptions(arguments) }
        let response = try await context.send("ecr", "GetAuthorizationToken")
        guard let token = response.output["authorizationData"]?[0]?["authorizationToken"]?.stringValue,
            let bytes = Base64.decode(token)
        else { throw CommandFailure.general("The registry gave no authorization token.") }
        // The token is `AWS:PASSWORD`.
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
        context.write("\(parts.last ?? "")\n")
        return 0
    }
}
