// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation
import Services
import World

/// `region [NAME]`.
struct RegionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "region", abstract: "Shows the regions, or goes to one.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The region's code, such as eu-west-1.")
    var name: String?

    func run() async throws {
        let session = try Session.open(options.effective)
        if let name {
            ContextSink.send(try session.change(toRegion: name))
            return
        }
        let current = session.context.region
        for region in Region.all {
            let marks = (region.name == current ? "*" : " ") + (Region.recommended.contains(region.name) ? "+" : " ")
            print("\(marks) \(region.name.padding(toLength: 16, withPad: " ", startingAt: 0))\(region.title)")
        }
        print("* here   + recommended by the workshop")
    }
}

/// `profile [NAME]`.
struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Shows the profiles of the world's configuration, or goes out as one.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The profile's name.")
    var name: String?

    func run() async throws {
        let session = try Session.open(options.effective)
        if let name {
            ContextSink.send(try session.change(toProfile: name))
            return
        }
        let current = session.context.profile ?? "default"
        for name in Configuration(environment: CommandEnvironment(variables: session.variables), profile: nil).profileNames {
            print((name == current ? "* " : "  ") + name)
        }
    }
}

/// `account [ID or NAME]`, `account list`, `account new [NAME]`.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Shows the account, goes to another (ID or NAME), lists them (list), makes one (new).",
        usage: "account\n       account ID|NAME\n       account list\n       account new [NAME]")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "An account's ID or name, `list`, or `new` and perhaps a name.")
    var words: [String] = []

    func run() async throws {
        let session = try Session.open(options.effective)
        switch (words.first, words.count) {
        case (nil, _):
            let context = session.context
            print(context.account + (context.identity.map { "  as \($0)" } ?? ""))
        case ("list", 1): try list(session)
        case ("new", 1...2): try await make(words.dropFirst().first, session)
        case (let word?, 1): ContextSink.send(try session.change(toAccount: try AccountCommand.id(of: word, session)))
        default: throw UsageError("account takes an ID or a name, list, or new and a name.")
        }
    }

    /// The account that an ID or a name means.
    static func id(of word: String, _ session: Session) throws -> String {
        if Account.isAccountID(word) { return word }
        let accounts = try session.world.store.read { try Account.all(in: $0) }
        guard let account = accounts.first(where: { $0.alias == word }) else {
            throw UsageError(
                "There is no account \"\(word)\" in this world: see `account list`, or make it with `account new \(word)`.")
        }
        return account.id
    }

    /// Whether `name` means something else where accounts are named.
    static func isReserved(_ name: String) -> Bool {
        Account.isAccountID(name) || ["list", "new", "default"].contains(name)
    }

    private func list(_ session: Session) throws {
        let current = session.context.account
        for account in try session.world.store.read({ try Account.all(in: $0) }) where account.id != Account.publicDataID {
            print("\(account.id == current ? "*" : " ") \(account.id)\(account.alias.map { "  \($0)" } ?? "")")
        }
    }

    private func make(_ name: String?, _ session: Session) async throws {
        if let name, name.isEmpty || AccountCommand.isReserved(name) || name.contains(" ") {
            throw UsageError("\"\(name)\" can't be an account's name: take a word such as team-a.")
        }
        let key = try session.world.store.write { database -> AccessKey in
            let accounts = try Account.all(in: database)
            if let name, accounts.contains(where: { $0.alias == name }) {
                throw UsageError("There is already an account named \(name): go to it with `account \(name)`.")
            }
            let id = Account.makeID(besides: Set(accounts.map(\.id)))
            let now = try database.clock().now()
            try Account(id: id, alias: name, creationTime: now).insert(in: database)
            return try IAMBootstrap.create(account: id, in: database, now: now)
        }
        let id = key.account
        try session.writeProfiles([(name: name ?? id, key: key, region: session.context.region)])
        print("Made the account \(id)\(name.map { " (\($0))" } ?? ""), with an administrator and the profile \(name ?? id).")
        print("Go there with: account \(name ?? id)")
    }
}

/// `use WORD`: a region, an account or a profile, whichever it is.
struct UseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Goes to a region, an account or a profile, whichever the word is.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "A region's code, an account's ID or name, or a profile.")
    var word: String

    func run() async throws {
        let session = try Session.open(options.effective)
        ContextSink.send(try change(session))
    }

    private func change(_ session: Session) throws -> ContextChange {
        if Region.named(word) != nil { return try session.change(toRegion: word) }
        let accounts = try session.world.store.read { try Account.all(in: $0) }
        if let account = accounts.first(where: { $0.id == word || $0.alias == word }) {
            return try session.change(toAccount: account.id)
        }
        let files = Configuration(environment: CommandEnvironment(variables: session.variables), profile: nil)
        if word == "default" || files.profileNames.contains(word) { return try session.change(toProfile: word) }
        let names = Region.all.map(\.name) + accounts.flatMap { [$0.id] + ($0.alias.map { [$0] } ?? []) } + files.profileNames
        let similar = Similarity.nearest(to: word, in: names)
        throw UsageError(
            "\"\(word)\" is no region, account or profile of this world."
                + (similar.isEmpty
                    ? " See `region`, `account list` and `profile`." : " Did you mean \(similar.joined(separator: ", "))?"))
    }
}
