// SPDX-License-Identifier: Apache-2.0

import JMESPath
import ServiceModel
import Wire

/// Asks an operation again and again until a waiter's acceptor decides.
///
/// The model's delay counts in the world's time; in between it looks whenever the client says that something may have changed.
struct Wait {
    /// One answer: an output, or a refusal with its status.
    private enum Answer {
        case output(JSONValue, status: Int)
        case refusal(ServiceError, status: Int)
    }

    let waiter: Waiter
    let operation: OperationModel
    let context: CommandContext

    /// - Throws: `CommandFailure` that tells why it cannot come to be, or did not in time.
    func run(_ input: Value) async throws {
        var attempts = 0
        var accepted: Waiter.Acceptor?
        var lastCount = -Double.infinity
        let delay = Double(waiter.delaySeconds)
        let start = context.environment.now()
        defer { context.environment.progress?.clear() }
        while true {
            let answer = try await ask(input)
            let now = context.environment.now()
            context.environment.progress?.showWaiting(
                WaitingProgress(name: waiter.commandName, state: state(in: answer), seconds: now - start))
            if now - lastCount >= delay {
                attempts += 1
                lastCount = now
            }
            if let acceptor = waiter.acceptors.first(where: { matches($0, answer) }) {
                accepted = acceptor
                switch acceptor.state {
                case .success: return
                case .failure: throw failure("Waiter encountered a terminal failure state: \(explanation(acceptor))")
                case .retry: break
                }
            } else if case .refusal(let error, _) = answer {
                throw failure("An error occurred (\(error.code)): \(error.message)")
            }
            if attempts >= waiter.maximumAttempts {
                let reason = accepted.map { ". Previously accepted state: \(explanation($0))" } ?? ""
                throw failure("Max attempts exceeded\(reason)")
            }
            try await context.client.waitForChange(atMost: delay)
        }
    }

    /// What the acceptors look at, where that is one text: `Creating`.
    private func state(in answer: Answer) -> String? {
        guard case .output(let output, _) = answer, let acceptor = waiter.acceptors.first(where: { $0.matcher == .path }),
            case .string(let text)? = search(acceptor, output)
        else { return nil }
        return text
    }

    private func ask(_ input: Value) async throws -> Answer {
        do {
            let response = try await context.send(operation.service, operation.name, input)
            return .output(
                OutputShaping(operation: operation, keepsWireTimes: context.keepsWireTimes).shaped(response.output),
                status: response.status ?? operation.successStatus)
        } catch let refusal as OperationError {
            let status = refusal.error.status ?? operation.serviceModel.errorStatus(refusal.error.code) ?? 400
            return .refusal(refusal.error, status: status)
        }
    }

    private func failure(_ reason: String) -> CommandFailure { .general("Waiter \(waiter.name) failed: \(reason)") }

    private func matches(_ acceptor: Waiter.Acceptor, _ answer: Answer) -> Bool {
        switch (acceptor.matcher, answer) {
        case (.status, .output(_, let status)), (.status, .refusal(_, let status)): return String(status) == acceptor.expected
        case (.error, .refusal(let error, _)):
            switch acceptor.expected {
            case "true": return true
            case "false": return false
            default: return error.code == acceptor.expected
            }
        case (.error, .output): return acceptor.expected == "false"
        case (_, .refusal): return false
        case (.path, .output(let output, _)): return isExpected(search(acceptor, output), acceptor)
        case (.pathAll, .output(let output, _)):
            guard case .array(let elements)? = search(acceptor, output), !elements.isEmpty else { return false }
            return elements.allSatisfy { isExpected($0, acceptor) }
        case (.pathAny, .output(let output, _)):
            guard case .array(let elements)? = search(acceptor, output) else { return false }
            return elements.contains { isExpected($0, acceptor) }
        }
    }

    private func search(_ acceptor: Waiter.Acceptor, _ output: JSONValue) -> JSONValue? {
        try? Query(acceptor.argument).search(output)
    }

    private func isExpected(_ found: JSONValue?, _ acceptor: Waiter.Acceptor) -> Bool {
        switch found {
        case .string(let text)?: text == acceptor.expected
        case .boolean(let flag)?: acceptor.expected == (flag ? "true" : "false")
        case .integer(let number)?: acceptor.expected == String(number)
        default: false
        }
    }

    private func explanation(_ acceptor: Waiter.Acceptor) -> String {
        let expected =
            switch acceptor.expected {
            case "true": "True"
            case "false": "False"
            default: acceptor.expected
            }
        return switch acceptor.matcher {
        case .path: "For expression \"\(acceptor.argument)\" we matched expected path: \"\(expected)\""
        case .pathAll: "For expression \"\(acceptor.argument)\" all members matched excepted path: \"\(expected)\""
        case .pathAny: "For expression \"\(acceptor.argument)\" we matched expected path: \"\(expected)\" at least once"
        case .status: "Matched expected HTTP status code: \(expected)"
        case .error: "Matched expected service error code: \(expected)"
        }
    }
}
