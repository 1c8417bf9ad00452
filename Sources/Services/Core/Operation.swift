// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// One operation of a service.
///
/// Its input and output are structures with the members' names of the service's model; `ValueDecoder` and `ValueEncoder` carry them
/// from and to `Value`.
public protocol Operation: SendableMetatype {
    associatedtype Input: Decodable & Sendable
    associatedtype Output: Encodable & Sendable

    /// The name in the model; the type's own name unless said otherwise.
    static var name: String { get }

    /// Does it. Authorisation and validation against the model have been done.
    ///
    /// - Throws: `ServiceError` with the service's documented code.
    static func handle(_ input: Input, _ call: Call) async throws -> Output
}

extension Operation {
    /// The type's name.
    ///
    /// Asking for its description instead would search all conformances for one: 40 ms for the tables.
    public static var name: String { _typeName(Self.self, qualified: false) }
}

/// An operation whose output has a streaming member, or whose HTTP status depends on the request.
public protocol StreamingOperation: SendableMetatype {
    associatedtype Input: Decodable & Sendable
    associatedtype Output: Encodable & Sendable

    static var name: String { get }

    /// Does it. `call.body` is the streaming member of the input.
    static func handle(_ input: Input, _ call: Call) async throws -> Streamed<Output>
}

extension StreamingOperation {
    /// The type's name.
    public static var name: String { _typeName(Self.self, qualified: false) }
}

/// An output with its streaming member.
public struct Streamed<Output: Encodable & Sendable>: Sendable {
    /// The output structure.
    public var output: Output
    /// The streaming member of the output.
    public var body: Body?
    /// Nil for the model's status.
    public var status: Int?

    /// Makes one from its parts.
    public init(_ output: Output, body: Body? = nil, status: Int? = nil) {
        self.output = output
        self.body = body
        self.status = status
    }
}

/// The input or output of an operation that has none.
public struct Empty: Codable, Sendable {
    /// Makes one from its parts.
    public init() {}
}

/// One request on its way through a handler: who asks, where, when, in which world.
public struct Call: Sendable {
    /// The world that the request is for.
    public var world: World
    /// The service's identifier in the model.
    public var service: String
    /// The operation's name in the model.
    public var operation: String
    /// Who asks.
    public var principal: Principal
    /// The region's code.
    public var region: String
    /// World time at the request's arrival, seconds since 1970.
    public var now: Double
    /// The world's clock.
    public var clock: Clock
    /// The streaming member of the input.
    public var body: Body?
    /// The address that the request came from.
    public var sourceAddress: String
    /// The client's description of itself.
    public var userAgent: String
    /// Unique to the request: what `x-amzn-RequestId` shows.
    public var requestID: String
    /// Sends further requests, for instance as a role that was passed.
    public var dispatcher: Dispatcher

    /// The caller's account.
    public var account: String { principal.account }

    /// The caller's account in the request's region.
    public var scope: Scope { Scope(account: principal.account, region: region) }

    /// The caller's account for services without regions.
    public var globalScope: Scope { Scope(account: principal.account, region: "") }

    /// The ARN of a resource of the caller's in the request's region.
    public func arn(_ service: String, _ resource: String) -> String {
        "arn:aws:\(service):\(region):\(account):\(resource)"
    }

    /// Checks a further permission beside the operation's own, for instance `iam:PassRole`.
    ///
    /// - Throws: `ServiceError` AccessDenied in the service's words.
    public func authorize(_ question: AuthorizationQuestion) throws {
        try dispatcher.authorize(question, call: self)
    }
}
