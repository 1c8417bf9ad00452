// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Registry
import Services
import Wire
import World

/// A world with somebody in it: the account, region and credentials that commands go out with.
struct Session: Sendable {
    let world: World
    let dispatcher: Dispatcher
    /// The account that commands are made in.
    var account: String
    var region: String
    /// The process's environment, with the world's configuration files and this session's region in it.
    var variables: [String: String]
    /// Keys of another cloud that the environment held: they are used with another endpoint, and nowhere else.
    private(set) var foreignCredentials: [String: String] = [:]

    /// Opens the world that `options` and the environment name, making it where there is none.
    ///
    /// A command that the prompt runs in its own process gets the prompt's session, unless it names another world.
    ///
    /// - Parameter use: what the world's store is opened for.
    /// - Parameter isRelaxed: whether checks are left out that other emulators do not make.
    static func open(_ options: ProgramSettings, use: Store.Use = .service, isRelaxed: Bool = false) throws -> Session {
        try options.validate()
        if let ambient, options.worldPath == nil { return try ambient.with(options) }
        return try open(options, use: use, isRelaxed: isRelaxed, variables: ProcessInfo.processInfo.environment)
    }

    /// The same with an environment that is not the process's.
    static func open(
        _ options: ProgramSettings, use: Store.Use = .service, isRelaxed: Bool = false, variables: [String: String]
    ) throws -> Session {
        var variables = variables
        let path = options.worldPath ?? World.defaultPath(environment: variables)
        let isNew = !World.exists(at: path)
        let world = try World.open(at: path, use: use, bootstrap: bootstrap)
        let account = try world.accountID(of: options.account ?? variables["SAGEBRUSH_ACCOUNT"] ?? Account.initialID)
        let region = options.region ?? variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"] ?? Region.initial
        variables["SAGEBRUSH_WORLD"] = world.path
        variables["SAGEBRUSH_ACCOUNT"] = account
        if options.region != nil { variables["AWS_REGION"] = region }
        let outerPath = variables["SAGEBRUSH_SHELL"]
        for (name, file) in [("AWS_CONFIG_FILE", "/aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "/aws/credentials")] {
            // What a script of ours says of its files holds; what was said outside is for another cloud.
            let isOurs = outerPath.map { variables[name] == $0 + file } ?? true
            if isOurs || variables[name] == nil { variables[name] = world.path + file }
        }
        variables["SAGEBRUSH_SHELL"] = world.path
        if options.color == "off" { variables["NO_COLOR"] = "1" }
        let environment = ServiceEnvironment(
            algorithms: Registry.algorithms, launcher: HostLauncher(executable: HostLauncher.ownExecutable()), isRelaxed: isRelaxed,
            publicData: { PublicData.producers[$0] })
        var session = Session(
            world: world, dispatcher: Dispatcher(world: world, environment: environment), account: account, region: region,
            variables: variables)
        if outerPath == nil { try session.dropForeignCredentials() }
        if isNew || !FileManager.default.fileExists(atPath: world.path + "/aws/credentials") { try session.writeConfiguration() }
        try session.setClock(options.clock)
        // The files' key is the first account's: another account's must be said.
        let isSaid = session.variables["AWS_ACCESS_KEY_ID"] != nil || session.variables["AWS_PROFILE"] != nil
        if options.account != nil || (account != Account.initialID && !isSaid) {
            return session.changed(by: try session.change(toAccount: account))
        }
        return session
    }

    /// The session of the prompt while it runs one of our own commands.
    @TaskLocal static var ambient: Session?

    /// This session with what a command's options say.
    private func with(_ options: ProgramSettings) throws -> Session {
        var session = self
        try session.setClock(options.clock)
        if let account = options.account { session = session.changed(by: try change(toAccount: try world.accountID(of: account))) }
        if let region = options.region { session = session.changed(by: try change(toRegion: region)) }
        return session
    }

    private func setClock(_ text: String?) throws {
        guard let mode = text.flatMap(ClockMode.init) else { return }
        try world.store.write { database in
            let clock = try database.clock()
            if clock.mode != mode { try database.setClock(clock.changed(to: mode)) }
        }
    }

    /// What fills a new or emptied world.
    static var bootstrap: World.Bootstrap { WorldBootstrap.make(publicData: { PublicData.buckets }) }

    /// Keys of the real service that a user has in his environment mean nothing here: the session's own are used instead.
    ///
    /// Within a shell of ours they are what a script says, and may be wrong. Where all commands go to another endpoint, they are its.
    private mutating func dropForeignCredentials() throws {
        guard let id = variables["AWS_ACCESS_KEY_ID"], (variables["AWS_ENDPOINT_URL"] ?? "").isEmpty else { return }
        let isKnown = try world.store.read { try AccessKey.find(id, in: $0) != nil }
        if isKnown { return }
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            foreignCredentials[name] = variables.removeValue(forKey: name)
        }
    }

    /// Writes the world's AWS configuration files: the profile `default` is the first account's administrator.
    func writeConfiguration() throws {
        let folder = world.path + "/aws"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard let key = try administratorKey(of: Account.initialID) else { return }
        let credentials = "[default]\naws_access_key_id = \(key.id)\naws_secret_access_key = \(key.secret)\n"
        try Data(credentials.utf8).write(to: URL(fileURLWithPath: folder + "/credentials"), options: .atomic)
        // Clients complain about secrets that others can read.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/credentials")
        if !FileManager.default.fileExists(atPath: folder + "/config") {
            try Data("[default]\nregion = \(Region.initial)\noutput = json\n".utf8).write(
                to: URL(fileURLWithPath: folder + "/config"), options: .atomic)
        }
    }

    /// Adds profiles for accounts' administrators to the world's AWS configuration files, where they have none of that name yet.
    func writeProfiles(_ profiles: [(name: String, key: AccessKey, region: String)]) throws {
        let files = ["AWS_CONFIG_FILE": world.path + "/aws/config", "AWS_SHARED_CREDENTIALS_FILE": world.path + "/aws/credentials"]
        let present = Set(Configuration(environment: CommandEnvironment(variables: files), profile: nil).profileNames)
        let missing = profiles.filter { !present.contains($0.name) }
        guard !missing.isEmpty else { return }
        let settings = missing.map { "[profile \($0.name)]\nregion = \($0.region)\noutput = json\n" }
        let keys = missing.map {
            "[\($0.name)]\naws_access_key_id = \($0.key.id)\naws_secret_access_key = \($0.key.secret)\n"
        }
        for (file, texts) in [("config", settings), ("credentials", keys)] {
            let path = world.path + "/aws/" + file
            let text = FileManager.default.contents(atPath: path) ?? Data()
            try (text + Data(texts.joined().utf8)).write(to: URL(fileURLWithPath: path), options: .atomic)
            // Clients complain about secrets that others can read.
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }
}
