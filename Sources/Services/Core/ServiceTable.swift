// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// One thing that a request needs permission for.
public struct AuthorizationQuestion: Sendable {
    /// `s3:GetObject`.
    public var action: String
    /// The resource's ARN, or `*` for actions without one.
    public var resource: String
    /// The account that owns the resource; nil for the caller's.
    public var resourceAccount: String?
    /// The resource's own policy (of a bucket), as a document.
    public var resourcePolicy: String?
    /// Condition keys beyond the global ones: `["s3:prefix": ["a/"]]`.
    public var context: [String: [String]]
    /// Set where the service says yes or no by other means than policies (an access control list); nil where policies decide alone.
    public var isPublicRead: Bool

    /// Makes one from its parts.
    public init(
        action: String, resource: String, resourceAccount: String? = nil, resourcePolicy: String? = nil,
        context: [String: [String]] = [:], isPublicRead: Bool = false
    ) {
        self.action = action
        self.resource = resource
        self.resourceAccount = resourceAccount
        self.resourcePolicy = resourcePolicy
        self.context = context
        self.isPublicRead = isPublicRead
    }
}

/// How an operation's need for permission follows from its input.
public enum Authorization: Sendable {
    /// Anybody with valid credentials (`sts:GetCallerIdentity`).
    case none
    /// Anybody at all, even unsigned: the handler decides.
    case open
    /// The operation's own action on one resource. In the template, `{Member}` stands for the input's member (a path such as
    /// `{Input.Name}` works too), `{Member|lower}` for it in lower case, `{region}` and `{account}` for the request's; a template that doesn't
    /// begin with `arn:` is the resource part of an ARN of this service in the request's region and account. `*` is itself.
    /// Where a member holds a whole ARN, that ARN is the resource.
    case template(String)
    /// Another action than the operation's name, on a template as above.
    case action(String, template: String)
    /// Whatever the closure says. It runs before validation: input members may be absent or odd.
    case custom(@Sendable (_ input: Value, _ call: Call) async throws -> [AuthorizationQuestion])
}

/// One row of a service's table: an operation, and the permission that it needs.
public struct OperationRow: Sendable {
    /// The name.
    public var name: String
    /// The permission that the operation needs.
    public var authorization: Authorization
    /// How much of the operation there is.
    public var depth = OperationDepth.real
    var handle: @Sendable (_ input: Value, _ call: Call) async throws -> ServiceResponse

    /// Makes one from its parts.
    ///
    /// - Parameter keyStyle: how the properties of input and output stand for the model's members.
    public init<O: Operation>(
        _ operation: O.Type, _ authorization: Authorization = .template("*"), keyStyle: KeyStyle = .capitalized
    ) {
        name = O.name
        self.authorization = authorization
        handle = { input, call in
            let typed = try ValueDecoder(keyStyle: keyStyle).decode(O.Input.self, from: input)
            return ServiceResponse(output: try ValueEncoder(keyStyle: keyStyle).encode(try await O.handle(typed, call)))
        }
    }

    /// Makes one from its parts.
    public init<O: StreamingOperation>(_ operation: O.Type, _ authorization: Authorization = .template("*")) {
        name = O.name
        self.authorization = authorization
        handle = { input, call in
            let typed = try ValueDecoder().decode(O.Input.self, from: input)
            let streamed = try await O.handle(typed, call)
            return ServiceResponse(
                output: try ValueEncoder().encode(streamed.output), body: streamed.body, status: streamed.status)
        }
    }
}

/// A service: its rows, and what is done before each of its requests.
public struct ServiceTable: Sendable {
    /// The model's identifier.
    public var service: String
    /// The prefix of its actions in policies and of its ARNs: `s3`, `sagemaker`.
    public var prefix: String
    /// Whether resources belong to an account rather than to one region of it.
    public var isGlobal: Bool
    /// The operations, by name.
    public var rows: [String: OperationRow]
    /// Moves on what only waited for time to pass or whose process has ended; runs before each request.
    public var settle: (@Sendable (Call) async throws -> Void)?

    /// Makes one from its parts.
    public init(
        service: String, prefix: String, isGlobal: Bool = false, settle: (@Sendable (Call) async throws -> Void)? = nil,
        _ rows: [OperationRow]
    ) {
        self.service = service
        self.prefix = prefix
        self.isGlobal = isGlobal
        self.settle = settle
        self.rows = Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
