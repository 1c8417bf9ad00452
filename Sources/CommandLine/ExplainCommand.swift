// SPDX-License-Identifier: Apache-2.0

/// `iam explain`: how the account's last call that was refused was decided.
///
/// The real CLI has nothing of that name.
struct ExplainCommand: CustomCommand {
    static let path = ["iam", "explain"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        if arguments == ["help"] {
            context.write(
                "aws iam explain\n\nShows how the last call of this account that policies refused was decided, step by step.\n")
            return 0
        }
        if !arguments.isEmpty { throw CommandFailure.unknownOptions(arguments) }
        guard let text = context.environment.lastRefusal() else {
            throw CommandFailure.general("No call of this account was refused by policies so far: there is nothing to explain.")
        }
        context.write(text)
        return 0
    }
}
