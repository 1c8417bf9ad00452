// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Services
import World

/// `classroom …`.
struct ClassroomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classroom", abstract: "Accounts for a class, and how far everybody is.",
        subcommands: [ClassroomCreate.self, ClassroomProgressCommand.self], defaultSubcommand: ClassroomProgressCommand.self)
}

/// `classroom create --students FILE`.
struct ClassroomCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes an account with a key for each student, and a hand-out for each.",
        discussion: """
            The list has one student a line: a name, or a table (CSV) with the columns name and perhaps email. Whoever has an account \
            already keeps it: say it again when the list has grown.

            The students work in this world (`sagebrush --account NAME`), or with the AWS CLI, boto3 or a Sagebrush of their own \
            through `sagebrush serve --host 0.0.0.0`: say its address with --endpoint, and the hand-outs name it.
            """)

    @OptionGroup var options: ProgramOptions

    @Option(help: "The list of students.", completion: .file())
    var students: String

    @Option(help: "The folder that the hand-outs go into; it is made where it is not there.", completion: .directory)
    var handouts = "handouts"

    @Option(help: ArgumentHelp("Where `serve` answers the class: http://192.168.1.10:4566.", valueName: "url"))
    var endpoint: String?

    func run() async throws {
        if let endpoint {
            guard let parts = URLComponents(string: endpoint), ["http", "https"].contains(parts.scheme),
                parts.host?.isEmpty == false
            else { throw UsageError("--endpoint takes an address such as http://192.168.1.10:4566, not \"\(endpoint)\".") }
        }
        let list = try StudentList(file: students)
        let session = try Session.open(options.effective)
        let region = session.context.region
        let (enrolled, newCount) = try ClassroomEnrolment.enrol(list.newcomers, in: session.world)
        try session.writeProfiles(enrolled.map { (name: $0.alias, key: $0.key, region: region) })
        let handOuts = enrolled.map { student in
            HandOut(
                student: student.student, alias: student.alias, key: student.key, region: region, endpoint: endpoint,
                world: session.world.path)
        }
        try write(handOuts)
        let known = enrolled.count - newCount
        print(
            "Made \(newCount) account\(newCount == 1 ? "" : "s")" + (known == 0 ? "." : "; \(known) of the list had one already."))
        print("Hand-outs are in \(handouts): for each student NAME.md, NAME.html and NAME.csv; all of them to print: all.html;")
        print("for your spreadsheet: students.csv. Keys are in them.")
        print("How far everybody is: classroom progress")
    }

    private func write(_ handOuts: [HandOut]) throws {
        let folder = URL(fileURLWithPath: handouts).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw WorldError.cannotCreateFolder(path: folder, reason: error.localizedDescription)
        }
        for handOut in handOuts {
            for form in HandOut.Form.allCases {
                try Self.write(handOut.text(form), to: "\(folder)/\(handOut.alias).\(form.rawValue)")
            }
        }
        try Self.write(HandOut.page(title: "Hand-outs", bodies: handOuts.map(\.htmlBody)), to: folder + "/all.html")
        try Self.write(HandOut.table(handOuts), to: folder + "/students.csv")
    }

    /// Secrets are in these files: nobody else may read them.
    private static func write(_ text: String, to path: String) throws {
        let draft = path + ".partial"
        guard FileManager.default.createFile(atPath: draft, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
            rename(draft, path) == 0
        else { throw UsageError("\(path) can't be written: \(String(cString: strerror(errno)))") }
    }
}
