// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation
import Wire
import World

/// `role`: roles as the console's dialogs make them.
struct RoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Makes roles as the console's dialogs do.", subcommands: [NotebookRoleCommand.self])
}

/// `role create-for-notebook --buckets A,B`: what the notebook dialog's *Create a new role* does.
struct NotebookRoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create-for-notebook",
        abstract: "Makes the role and policy of the console's dialog Create a new role, and shows the aws commands for it.",
        discussion: """
            The role may do what AmazonSageMakerFullAccess says, and read and write the named buckets. That policy lets it into buckets \
            and objects with sagemaker in their name as well.
            """)

    @OptionGroup var options: ProgramOptions

    @Option(help: ArgumentHelp("The buckets that it may read and write, with commas between.", valueName: "a,b"))
    var buckets: String

    @Option(help: "The role's name; AmazonSageMaker-ExecutionRole- and the time where left out.")
    var name: String?

    @Flag(help: "Only show the commands.")
    var dryRun = false

    func run() async throws {
        let session = try Session.open(options.effective)
        let names = buckets.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        if names.isEmpty { throw UsageError("--buckets takes names of buckets with commas between, such as mine,1000genomes.") }
        if let wrong = names.first(where: { !NotebookRole.isBucketName($0) }) {
            throw UsageError("\"\(wrong)\" is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens.")
        }
        let clock = try session.world.store.read { try $0.clock() }
        let role = NotebookRole(
            account: session.context.account, buckets: names, name: name, time: Date(timeIntervalSince1970: clock.now()))
        for words in role.commands {
            print("aws " + words.map(Tokenizer.quoted).joined(separator: " "))
            if dryRun { continue }
            var streams = CommandStreams.process
            streams.writeOutput = { _ in }
            let status = await session.runAWS(words, streams: streams, showsProgress: false)
            if status != 0 { throw ExitStatus(code: status) }
        }
        print(role.arn)
    }
}

/// The role that the console makes for a notebook, as the commands that make it.
struct NotebookRole {
    /// Whose it is.
    var account: String
    var buckets: [String]
    var name: String
    var policyName: String

    private static let path = "/service-role/"

    init(account: String, buckets: [String], name: String?, time: Date) {
        self.account = account
        self.buckets = buckets
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "yyyyMMdd'T'HHmmss"
        let suffix = formatter.string(from: time)
        self.name = name ?? "AmazonSageMaker-ExecutionRole-\(suffix)"
        policyName = "AmazonSageMaker-ExecutionPolicy-\(suffix)"
    }

    var arn: String { "arn:aws:iam::\(account):role\(NotebookRole.path)\(name)" }
    private var policyARN: String { "arn:aws:iam::\(account):policy\(NotebookRole.path)\(policyName)" }

    static func isBucketName(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
    }

    /// The words after `aws` of each command.
    var commands: [[String]] {
        [
            [
                "iam", "create-role", "--role-name", name, "--path", NotebookRole.path, "--description",
                "SageMaker execution role created from the SageMaker AWS Management Console.", "--assume-role-policy-document",
                JSON.serialize(trust),
            ],
            [
                "iam", "create-policy", "--policy-name", policyName, "--path", NotebookRole.path, "--policy-document",
                JSON.serialize(permissions),
            ],
            ["iam", "attach-role-policy", "--role-name", name, "--policy-arn", policyARN],
            [
                "iam", "attach-role-policy", "--role-name", name, "--policy-arn",
                "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
            ],
        ]
    }

    private var trust: Value {
        let statement: Value = [
            "Effect": "Allow", "Principal": ["Service": "sagemaker.amazonaws.com"], "Action": "sts:AssumeRole",
        ]
        return ["Version": "2012-10-17", "Statement": .list([statement])]
    }

    private var permissions: Value {
        let folders = buckets.map { Value.string("arn:aws:s3:::\($0)") }
        let objects = buckets.map { Value.string("arn:aws:s3:::\($0)/*") }
        let list: Value = ["Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": .list(folders)]
        let use: Value = [
            "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": .list(objects),
        ]
        return ["Version": "2012-10-17", "Statement": .list([list, use])]
    }
}
