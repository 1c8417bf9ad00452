// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// What a host process gets from the program around it.
public struct HostEnvironment: Sendable {
    /// The world that the host works for.
    public var world: World
    /// The algorithms that images can name.
    public var algorithms: [any Algorithm.Type]
    /// Sends requests as a session of a role, as the service does with the role that was passed to it.
    public var clientAssumingRole: @Sendable (_ roleARN: String, _ sessionName: String) throws -> any ServiceClient

    /// Moves a job on that other jobs do the work of; says whether there will be more to do.
    public var advance: @Sendable (_ ownerARN: String) async throws -> Bool

    /// Makes a key pair of a session of a role, for programs that are not ours.
    public var roleCredentials: @Sendable (_ roleARN: String) throws -> RoleCredentials
    /// Serves the world over HTTP on a free port of the loopback interface until the task is cancelled.
    public var serveEndpoint: @Sendable (_ onListening: @escaping @Sendable (_ port: Int) -> Void) async throws -> Void

    /// Makes one from its parts.
    public init(
        world: World, algorithms: [any Algorithm.Type],
        clientAssumingRole: @escaping @Sendable (_ roleARN: String, _ sessionName: String) throws -> any ServiceClient,
        advance: @escaping @Sendable (_ ownerARN: String) async throws -> Bool = { _ in false },
        roleCredentials: @escaping @Sendable (_ roleARN: String) throws -> RoleCredentials = { throw HostError.noKeys(role: $0) },
        serveEndpoint: @escaping @Sendable (_ onListening: @escaping @Sendable (_ port: Int) -> Void) async throws -> Void = { _ in
        }
    ) {
        self.world = world
        self.algorithms = algorithms
        self.clientAssumingRole = clientAssumingRole
        self.advance = advance
        self.roleCredentials = roleCredentials
        self.serveEndpoint = serveEndpoint
    }

    /// The algorithm that an image's path names: `382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1`.
    func algorithm(forImage image: String) -> (any Algorithm.Type)? {
        let last = image.split(separator: "/").last ?? Substring(image)
        let repository = last.split(whereSeparator: { $0 == ":" || $0 == "@" }).first ?? last
        return algorithms.first { $0.isNamed(String(repository)) }
    }
}

extension HostEnvironment {
    /// Does `work` beside an HTTP endpoint of the world's on a free port of the loopback interface.
    func withEndpoint<Result: Sendable>(
        _ work: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let (ports, announcement) = AsyncStream<Int>.makeStream()
        let serve = serveEndpoint
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { announcement.finish() }
                try await serve { announcement.yield($0) }
                return nil
            }
            group.addTask { try await work(ports.first { _ in true } ?? 0) }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }
}

/// Why a host has no work to do; for its log.
public enum HostError: Error, Sendable, CustomStringConvertible {
    case unknownProcess(id: String)
    case ownerGone(arn: String)
    /// Nobody here can make keys for a role's sessions.
    case noKeys(role: String)
    /// One of a job's hosts gave up; the job's record says why.
    case memberFailed(name: String)

    /// The text for people.
    public var description: String {
        switch self {
        case .unknownProcess(let id): "There is no host \(id) in this world."
        case .ownerGone(let arn): "\(arn) does not exist any more."
        case .noKeys(let role): "There are no keys for \(role) here."
        case .memberFailed(let name): "Host \(name) gave up; the job says why."
        }
    }
}
