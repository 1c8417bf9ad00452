// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Services
import Wire
import World

/// As whom and where the next command goes out, found as the CLI finds it: variables, then the profile's files, then the session.
struct SessionContext: Sendable, Equatable {
    var account: String
    /// `ada`, or `role/lab` for a session of a role; nil for the account's administrator.
    var identity: String?
    var region: String
    /// Nil for the default profile.
    var profile: String?
}

extension Session {
    /// The user of every account that may do everything.
    static let administrator = IAMBootstrap.administrator

    /// As whom and where commands go out.
    var context: SessionContext {
        let files = Configuration(environment: CommandEnvironment(variables: variables), profile: nil)
        let id = nonEmpty("AWS_ACCESS_KEY_ID") ?? files.value("aws_access_key_id")
        let key = id.flatMap { id in (try? world.store.read { try AccessKey.find(id, in: $0) }) ?? nil }
        let profile = nonEmpty("AWS_PROFILE") ?? nonEmpty("AWS_DEFAULT_PROFILE")
        // Keys of another endpoint tell the account that commands go out to.
        let isRemote = key == nil && nonEmpty("AWS_ENDPOINT_URL") != nil
        let remoteAccount = isRemote ? id.flatMap { IAMBootstrap.account(ofAccessKey: $0) } : nil
        return SessionContext(
            account: key?.account ?? remoteAccount ?? account, identity: key.flatMap { identity(of: $0.owner) },
            region: nonEmpty("AWS_REGION") ?? nonEmpty("AWS_DEFAULT_REGION") ?? files.value("region") ?? region,
            profile: profile == "default" ? nil : profile)
    }

    /// What commands sign with, where no option says otherwise.
    var effectiveCredentials: Credentials? {
        if let id = nonEmpty("AWS_ACCESS_KEY_ID"), let secret = nonEmpty("AWS_SECRET_ACCESS_KEY") {
            return Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: nonEmpty("AWS_SESSION_TOKEN"))
        }
        let files = Configuration(environment: CommandEnvironment(variables: variables), profile: nil)
        if let id = files.value("aws_access_key_id"), let secret = files.value("aws_secret_access_key") {
            return Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: files.value("aws_session_token"))
        }
        return credentials()
    }

    /// Where commands go when they go out of this world, as somebody whom it does not know: a class's `serve`.
    var remoteEndpoint: String? {
        guard let endpoint = nonEmpty("AWS_ENDPOINT_URL"), let id = effectiveCredentials?.accessKeyID,
            (try? world.store.read { try AccessKey.find(id, in: $0) == nil }) ?? false
        else { return nil }
        return endpoint
    }

    /// Checks that what a command of our own shows is what the session's other commands work on.
    ///
    /// - Throws: `UsageError` where they go elsewhere.
    func checkIsHere(_ command: String) throws {
        guard let endpoint = remoteEndpoint else { return }
        throw UsageError(
            "`\(command)` looks into worlds of this machine, and your commands go to \(endpoint): there, list things with the AWS "
                + "commands (sagemaker list-endpoints, s3 ls …); your teacher sees what they cost with `classroom progress`.")
    }

    private func nonEmpty(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func identity(of owner: AccessKey.Owner) -> String? {
        switch owner {
        case .user(let name): name == Session.administrator ? nil : name
        case .role(let name, _): "role/" + name
        case .federatedUser(let name): "federated/" + name
        case .root: "root"
        }
    }

    /// The key of an account's administrator; nil where it was deleted.
    func administratorKey(of account: String) throws -> AccessKey? {
        try world.store.read { try AccessKey.all(of: .user(name: Session.administrator), account: account, in: $0).first }
    }

    /// What makes commands go out as the administrator of an account.
    ///
    /// - Throws: `WorldError.unknownAccount`, or `UsageError` where the administrator has no key.
    func change(toAccount id: String) throws -> ContextChange {
        guard Account.isAccountID(id) else { throw WorldError.notAccountID(id) }
        guard try world.store.read({ try Account.exists(id, in: $0) }) else { throw WorldError.unknownAccount(id) }
        guard let key = try administratorKey(of: id) else {
            throw UsageError("The account \(id) has no administrator with a key: nobody can act in it.")
        }
        var change = ContextChange()
        change.set("SAGEBRUSH_ACCOUNT", id)
        for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"] where variables[name] != nil {
            change.set(name, nil)
        }
        // The first account's key is what the configuration files say anyway.
        let isInitial = id == Account.initialID
        if !isInitial || variables["AWS_ACCESS_KEY_ID"] != nil {
            change.set("AWS_ACCESS_KEY_ID", isInitial ? nil : key.id)
            change.set("AWS_SECRET_ACCESS_KEY", isInitial ? nil : key.secret)
        }
        return change
    }

    /// What makes commands go to a region.
    ///
    /// - Throws: `WorldError.unknownRegion`.
    func change(toRegion name: String) throws -> ContextChange {
        guard Region.named(name) != nil else { throw WorldError.unknownRegion(name) }
        var change = ContextChange()
        change.set("AWS_REGION", name)
        change.set("AWS_DEFAULT_REGION", name)
        return change
    }

    /// What makes commands go out as a profile of the world's configuration says.
    ///
    /// - Throws: `UsageError` where there is none of that name.
    func change(toProfile name: String) throws -> ContextChange {
        let files = Configuration(environment: CommandEnvironment(variables: variables), profile: name)
        guard files.isProfileKnown else {
            throw UsageError("There is no profile \(name). Profiles: \(files.profileNames.joined(separator: ", "))")
        }
        var change = ContextChange()
        change.set("AWS_PROFILE", name == "default" ? nil : name)
        // Variables win over profiles: what the profile says counts only without them.
        for name in ["AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        where variables[name] != nil {
            change.set(name, nil)
        }
        if files.value("region") != nil, name != "default" {
            change.set("AWS_REGION", nil)
            change.set("AWS_DEFAULT_REGION", nil)
        }
        let key = try files.value("aws_access_key_id").flatMap { id in try world.store.read { try AccessKey.find(id, in: $0) } }
        change.set("SAGEBRUSH_ACCOUNT", key?.account ?? Account.initialID)
        return change
    }

    /// The same session after a change of its variables.
    func changed(by change: ContextChange) -> Session {
        var session = self
        change.apply(to: &session.variables)
        session.adoptVariables()
        return session
    }

    /// The same session with the variables that a shell exports now.
    func adopting(_ variables: [String: String]) -> Session {
        var session = self
        session.variables = variables
        session.adoptVariables()
        return session
    }

    /// The variables that belong to a world: its accounts mean nothing in another.
    static let worldVariables = [
        "SAGEBRUSH_WORLD", "SAGEBRUSH_ACCOUNT", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
    ]

    /// A session in another world, as its first account's administrator, in the same region.
    func moved(toWorld path: String, variables: [String: String]) throws -> Session {
        var options = ProgramSettings()
        options.worldPath = path
        return try Session.open(options, variables: variables.filter { !Session.worldVariables.contains($0.key) })
    }

    private mutating func adoptVariables() {
        if let id = nonEmpty("SAGEBRUSH_ACCOUNT"), Account.isAccountID(id) { account = id }
        if let name = nonEmpty("AWS_REGION") ?? nonEmpty("AWS_DEFAULT_REGION") { region = name }
    }
}
