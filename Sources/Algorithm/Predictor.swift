// SPDX-License-Identifier: Apache-2.0

/// A loaded model, as an endpoint asks it.
public protocol Predictor: Sendable {
    /// The number of features of an example; nil where the model takes any.
    var featureCount: Int? { get }
    /// Answers one request; may be called from several threads at once. Throws ``InferenceError``.
    func predict(_ request: InferenceRequest) throws -> InferenceResponse
}

/// A model that turns rows of numbers into rows of named numbers: requests and responses of all common formats come with it.
public protocol TabularPredictor: Predictor {
    /// The member of a JSON response that holds the examples' answers; `predictions` unless the algorithm's is named otherwise.
    var listName: String { get }
    /// Predicts each example; the examples have the model's number of features. May be called from several threads at once.
    func predict(_ examples: ExampleSet) throws -> Predictions
}

/// The body and headers of an invocation.
public struct InferenceRequest: Sendable {
    /// The body.
    public var body: [UInt8]
    /// The Content-Type header; nil where there is none.
    public var contentType: String?
    /// The Accept header; nil where there is none.
    public var accept: String?

    /// Makes one from its parts.
    public init(body: [UInt8], contentType: String? = nil, accept: String? = nil) {
        self.body = body
        self.contentType = contentType
        self.accept = accept
    }
}

/// The answer to an invocation.
public struct InferenceResponse: Sendable, Equatable {
    /// The body.
    public var body: [UInt8]
    /// The Content-Type header.
    public var contentType: String

    /// Makes one from its parts.
    public init(body: [UInt8], contentType: String) {
        self.body = body
        self.contentType = contentType
    }
}

/// What a model answers for a number of examples: columns of named numbers.
public struct Predictions: Sendable, Equatable {
    /// One named answer of every example.
    public struct Column: Sendable, Equatable {
        /// The name, such as `score`.
        public var name: String
        /// The numbers of an example: nil for one number, a width for a list of numbers.
        public var width: Int?
        /// `count * (width ?? 1)` numbers, example after example.
        public var values: [Float]

        /// Makes one from its parts.
        public init(_ name: String, width: Int? = nil, values: [Float]) {
            self.name = name
            self.width = width
            self.values = values
        }
    }

    /// The number of examples.
    public var count: Int
    /// The columns, in the order in which text formats write them.
    public var columns: [Column]

    /// Makes one from its parts.
    public init(count: Int, columns: [Column]) {
        self.count = count
        self.columns = columns
    }
}

/// Why an invocation has no prediction as answer.
public enum InferenceError: Error, Sendable, Equatable {
    case unsupportedContentType(String, supported: [String])
    case unsupportedAccept(String, supported: [String])
    case malformedRequest(DataError)
    /// An example has the wrong number of features; examples are numbered from 1.
    case wrongFeatureCount(example: Int, found: Int, expected: Int)
    case modelFailure(String)

    /// The HTTP status that the container answers with.
    public var httpStatus: Int {
        switch self {
        case .unsupportedContentType: return 415
        case .unsupportedAccept: return 406
        case .malformedRequest, .wrongFeatureCount: return 400
        case .modelFailure: return 500
        }
    }

    /// What, where, and what would be right.
    public var message: String { ErrorText.of(self) }
}
