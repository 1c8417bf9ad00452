// SPDX-License-Identifier: Apache-2.0

/// How to wait until a resource is in a state: ask again and again until an acceptor says success or failure.
public struct Waiter: Sendable {
    /// One rule over an answer.
    public struct Acceptor: Sendable {
        /// What a matching answer means.
        public enum State: String, Sendable { case success, failure, retry }
        /// What of an answer is looked at.
        public enum Matcher: String, Sendable { case path, pathAll, pathAny, status, error }

        /// What it means when it matches.
        public let state: State
        /// What it looks at.
        public let matcher: Matcher
        /// The value to find: a status, an error code, or text (`true` and `false` are booleans of a path).
        public let expected: String
        /// The JMESPath expression of the path matchers.
        public let argument: String
    }

    /// `EndpointInService`.
    public let name: String
    /// The operation to ask: `DescribeEndpoint`.
    public let operation: String
    /// Seconds between two looks.
    public let delaySeconds: Int
    /// How often it looks before it gives up.
    public let maximumAttempts: Int
    /// The rules, the first match decides.
    public let acceptors: [Acceptor]
    /// `endpoint-in-service`.
    public var commandName: String { kebabCase(name) }

    init(line: ModelText, acceptors: [Acceptor]) {
        var fields = ModelFields(line)
        _ = fields.next()
        name = fields.nextString()
        operation = fields.nextString()
        delaySeconds = fields.next()?.integer ?? 1
        maximumAttempts = fields.next()?.integer ?? 1
        self.acceptors = acceptors
    }
}

extension Waiter.Acceptor {
    init?(line: ModelText) {
        var fields = ModelFields(line)
        _ = fields.next()
        guard let state = State(rawValue: fields.nextString()), let matcher = Matcher(rawValue: fields.nextString()) else {
            return nil
        }
        self.state = state
        self.matcher = matcher
        expected = fields.nextString()
        argument = fields.nextString()
    }
}

/// How a listing continues: which output members become which input members, and what the results are.
public struct Paginator: Sendable {
    /// The input members that say where to go on.
    public let inputTokens: [String]
    /// JMESPath expressions over the output.
    public let outputTokens: [String]
    /// A JMESPath expression that is true while there are more pages.
    public let moreResults: String?
    /// The input member that limits a page's size.
    public let limitKey: String?
    /// JMESPath expressions; the first is the one that is counted.
    public let resultKeys: [String]
    /// JMESPath expressions of what is the same on each page.
    public let nonAggregateKeys: [String]

    init(line: ModelText) {
        var inputTokens: [String] = []
        var outputTokens: [String] = []
        var moreResults: String?
        var limitKey: String?
        var resultKeys: [String] = []
        var nonAggregateKeys: [String] = []
        for field in ModelFields(line) {
            let (key, value) = field.keyAndValue
            switch key.string {
            case "in": inputTokens = value.list
            case "out": outputTokens = value.list
            case "more": moreResults = value.decoded
            case "limit": limitKey = value.decoded
            case "results": resultKeys = value.list
            case "rest": nonAggregateKeys = value.list
            default: break
            }
        }
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.moreResults = moreResults
        self.limitKey = limitKey
        self.resultKeys = resultKeys
        self.nonAggregateKeys = nonAggregateKeys
    }
}
