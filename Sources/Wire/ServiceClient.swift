// SPDX-License-Identifier: Apache-2.0

/// What a caller shows to say who it is: an access key pair, and a session token where the key is temporary.
public struct Credentials: Sendable, Hashable {
    /// The public part: `AKIA…`, or `ASIA…` of a session.
    public var accessKeyID: String
    /// The secret part, which signs.
    public var secretAccessKey: String
    /// What a session's key needs beside it.
    public var sessionToken: String?

    /// Makes one from its parts.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

/// One operation of one service with its input, whichever way it came in.
public struct ServiceRequest: Sendable {
    /// The model's identifier: `s3`, `sagemaker`, `sagemaker-runtime`.
    public var service: String
    /// The operation's name in the model: `CreateTrainingJob`.
    public var operation: String
    /// The input structure, without its streaming member.
    public var input: Value
    /// The streaming member of the input, where the operation has one.
    public var body: Body?
    /// Nil for an unsigned (anonymous) request.
    public var credentials: Credentials?
    /// The region's code.
    public var region: String
    /// The address that the request came from; loopback for the shell.
    public var sourceAddress: String
    /// The client's description of itself.
    public var userAgent: String

    /// Makes one from its parts.
    public init(
        service: String, operation: String, input: Value = .emptyObject, body: Body? = nil, credentials: Credentials?,
        region: String, sourceAddress: String = "127.0.0.1", userAgent: String = "sagebrush"
    ) {
        self.service = service
        self.operation = operation
        self.input = input
        self.body = body
        self.credentials = credentials
        self.region = region
        self.sourceAddress = sourceAddress
        self.userAgent = userAgent
    }
}

/// The answer to a `ServiceRequest`.
public struct ServiceResponse: Sendable {
    /// The output structure in member order, without its streaming member.
    public var output: Value
    /// The streaming member of the output, where the operation has one.
    public var body: Body?
    /// The HTTP status to answer with where it is not the model's (206 for a range, 304 for an unchanged object).
    public var status: Int?

    /// Makes one from its parts.
    public init(output: Value = .emptyObject, body: Body? = nil, status: Int? = nil) {
        self.output = output
        self.body = body
        self.status = status
    }
}

/// An error that a service answered with.
///
/// Data only: `CommandLine` and the wire codecs render it.
public struct ServiceError: Error, Sendable, Hashable {
    /// The error code on the wire: `NoSuchBucket`, `ValidationException`.
    public var code: String
    /// What is wrong, in the service's words.
    public var message: String
    /// The HTTP status; nil where the model's status for `code` (else 400) holds.
    public var status: Int?
    /// Further members of the error's shape, in order (`BucketName`, `Key`, `Resource` …).
    public var details: [Detail]
    /// How often the request was tried again before this answer was taken for the last; 0 where it was not.
    public var retryCount = 0
    /// What S3 tells beside the body, which answers to HEAD lack: `x-amz-delete-marker`.
    public var headers: HTTPHeaders = [:]
    /// How policies came to refuse the request, for whoever runs the world; never on the wire.
    public var explanation: String?

    /// One further member.
    public struct Detail: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The member's value.
        public var value: Value

        /// Makes one from its parts.
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Makes one from its parts.
    public init(_ code: String, _ message: String, status: Int? = nil, details: [Detail] = []) {
        self.code = code
        self.message = message
        self.status = status
        self.details = details
    }
}

/// Whatever answers service requests: this process's dispatcher, or an endpoint over HTTP.
public protocol ServiceClient: Sendable {
    /// Sends one request.
    ///
    /// - Throws: `ServiceError` where the service says no; another error where it could not be asked.
    func send(_ request: ServiceRequest) async throws -> ServiceResponse

    /// Returns when something may have changed since the last answer, or after `seconds` at the latest.
    ///
    /// Waiters call it between two looks instead of sleeping, so that they return as soon as there is news.
    func waitForChange(atMost seconds: Double) async throws
}
