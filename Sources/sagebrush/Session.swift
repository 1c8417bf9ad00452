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

    /// Opens the world that `options` and the environment name, making it where there is none.
    ///
    /// - Parameter use: what the world's store is opened for.
    /// - Parameter isRelaxed: whether checks are left out that other emulators do not make.
    static func open(_ options: ProgramSettings, use: Store.Use = .service, isRelaxed: Bool = false) throws -> Session {
        try options.validate()
        var variables = ProcessInfo.processInfo.environment
        let path = options.worldPath ?? World.defaultPath(environment: variables)
        let isNew = !World.exists(at: path)
        let world = try World.open(at: path, use: use, bootstrap: bootstrap)
        let account = options.account ?? variables["SAGEBRUSH_ACCOUNT"] ?? Account.initialID
        guard Account.isAccountID(account) else { throw WorldError.notAccountID(account) }
        guard try world.store.read({ try Account.exists(account, in: $0) }) else { throw WorldError.unknownAccount(account) }
        let region = options.region ?? variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"] ?? Region.initial
        if let mode = options.clock.flatMap(ClockMode.init) {
            try world.store.write { database in
                let clock = try database.clock()
                if clock.mode != mode { try database.setClock(clock.changed(to: mode)) }
            }
        }
        variables["SAGEBRUSH_WORLD"] = world.path
        variables["SAGEBRUSH_ACCOUNT"] = account
        if options.region != nil || variables["AWS_REGION"] == nil { variables["AWS_REGION"] = region }
        variables["AWS_CONFIG_FILE"] = world.path + "/aws/config"
        variables["AWS_SHARED_CREDENTIALS_FILE"] = world.path + "/aws/credentials"
        if options.color == "off" { variables["NO_COLOR"] = "1" }
        let environment = ServiceEnvironment(
            algorithms: Registry.algorithms, launcher: HostLauncher(executable: HostLauncher.ownExecutable()), isRelaxed: isRelaxed,
            publicData: { PublicData.producers[$0] })
        var session = Session(
            world: world, dispatcher: Dispatcher(world: world, environment: environment), account: account, region: region,
            variables: variables)
        try session.dropForeignCredentials()
        if isNew || !FileManager.default.fileExists(atPath: world.path + "/aws/credentials") { try session.writeConfiguration() }
        return session
    }

    /// What fills a new or emptied world.
    static var bootstrap: World.Bootstrap { WorldBootstrap.make(publicData: { PublicData.buckets }) }

    /// Keys of the real service in the environment mean nothing here: the session's own are used instead.
    private mutating func dropForeignCredentials() throws {
        guard let id = variables["AWS_ACCESS_KEY_ID"] else { return }
        let isKnown = try world.store.read { try AccessKey.find(id, in: $0) != nil }
        if isKnown { return }
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            variables[name] = nil
        }
    }

    /// Writes the world's AWS configuration files: the profile `default` is the first account's administrator.
    func writeConfiguration() throws {
        let folder = world.path + "/aws"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let key = try world.store.read { try AccessKey.all(of: .user(name: "student"), account: account, in: $0).first }
        guard let key else { return }
        let credentials = "[default]\naws_access_key_id = \(key.id)\naws_secret_access_key = \(key.secret)\n"
        try Data(credentials.utf8).write(to: URL(fileURLWithPath: folder + "/credentials"), options: .atomic)
        if !FileManager.default.fileExists(atPath: folder + "/config") {
            try Data("[default]\nregion = \(Region.initial)\noutput = json\n".utf8).write(
                to: URL(fileURLWithPath: folder + "/config"), options: .atomic)
        }
    }

    /// The same world seen from another region.
    func moved(to region: String) throws -> Session {
        guard Region.named(region) != nil else { throw WorldError.unknownRegion(region) }
        var session = self
        session.region = region
        session.variables["AWS_REGION"] = region
        session.variables["AWS_DEFAULT_REGION"] = region
        return session
    }
}
