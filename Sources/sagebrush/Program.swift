// SPDX-License-Identifier: Apache-2.0

import Algorithm
import ArgumentParser
import Foundation
import Hosts
import LineEditor
import ServiceModel
import Services
import Wire
import World

/// Chooses what the words of the command line mean.
///
/// The AWS grammar is not the argument parser's job, and must start fast.
enum Program {
    static let version = "0.1.0"

    /// Runs the program and gives its exit status.
    static func run(_ arguments: [String]) async -> Int32 {
        let invokedName = (arguments.first as NSString?)?.lastPathComponent ?? "sagebrush"
        var words = Array(arguments.dropFirst())
        // A link to the program called `aws`, or like a service (`s3`), is that command.
        if invokedName == "aws" { return await runAWS(words, options: ProgramSettings()) }
        if ShellBridge.serviceNames.contains(invokedName) { return await runAWS([invokedName] + words, options: ProgramSettings()) }
        if ShellBridge.metaCommandNames.contains(invokedName) { words.insert(invokedName, at: 0) }

        let leading: ProgramSettings
        (leading, words) = ProgramSettings.takeLeading(words)
        switch words.first {
        case "aws": return await runAWS(Array(words.dropFirst()), options: leading)
        case "unprefixed": return await UnprefixedCommand.run(Array(words.dropFirst()))
        case "host": return await HostCommand.run(Array(words.dropFirst()))
        default: return await runCommand(words, leading: leading)
        }
    }

    private static func runAWS(_ words: [String], options: ProgramSettings) async -> Int32 {
        await cancellable {
            do {
                let session = try Session.open(options, use: .command)
                defer { session.dispatcher.meter.flush() }
                return await session.runAWS(words, showsProgress: false)
            } catch {
                return report(error)
            }
        }
    }

    /// Runs an AWS command so that Ctrl-C cancels it.
    ///
    /// At the prompt that is seen to already.
    static func cancellable(_ work: @escaping @Sendable () async -> Int32) async -> Int32 {
        Session.ambient == nil ? await Interrupts.shared.cancellingOnly(work) : await work()
    }

    private static func runCommand(_ words: [String], leading: ProgramSettings) async -> Int32 {
        // As behind an AWS command: `world new help`.
        let words = words.count > 1 && words.last == "help" ? ["help"] + words.dropLast() : words
        do {
            var command = try Sagebrush.parseAsRoot(words)
            return try await ProgramSettings.$leading.withValue(leading) {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
                return 0
            }
        } catch let status as ExitStatus {
            return status.code
        } catch  where Sagebrush.exitCode(for: error).rawValue == 0 {
            print(Sagebrush.fullMessage(for: error))
            return 0
        } catch is CleanExit {
            return 0
        } catch {
            return report(error)
        }
    }

    /// Renders an error that ends the program, and gives its exit status.
    static func report(_ error: any Error) -> Int32 {
        let text: String
        var status: Int32 = 255
        switch error {
        case let error as WorldError: text = error.description
        case let error as ServiceError: text = "\(error.code): \(error.message)"
        case let error as RuntimeError: text = error.description
        case let error as ImageError: text = error.description
        case let error as Dockerfile.Failure: text = error.description
        case let error as UserError: text = error.message
        case let error as UsageError:
            text = error.description
            status = 252
        default:
            let code = Sagebrush.exitCode(for: error)
            text = Sagebrush.fullMessage(for: error)
            status = code == .validationFailure ? 252 : 255
            FileHandle.standardError.write(Data((text + "\n").utf8))
            return status
        }
        FileHandle.standardError.write(Data("sagebrush: \(text)\n".utf8))
        return status
    }
}

/// Ends the program with the status of the last command.
struct ExitStatus: Error {
    var code: Int32
}

/// Something asked for in a way that makes no sense, with what would.
struct UsageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
