// SPDX-License-Identifier: Apache-2.0

/// Whose fault a failure is, which is the first word of a job's failure reason.
public enum FailureClass: String, Sendable {
    /// The user's: hyperparameters, channels, data.
    case client = "ClientError"
    /// The algorithm's.
    case algorithm = "AlgorithmError"
    /// The machine's: disk, network, memory.
    case platform = "InternalServerError"
}

/// An error that knows whose fault it is and can say so.
public protocol ClassifiedError: Error, CustomStringConvertible {
    /// Whose fault it is.
    var failureClass: FailureClass { get }
    /// What, where, and what would be right; without the class.
    var message: String { get }
}

extension ClassifiedError {
    /// The failure reason.
    public var description: String { FailureReason.text(of: self) }
}

/// What a user asked for cannot be done as asked.
public struct UserError: ClassifiedError, Equatable {
    /// What is wrong.
    public enum Cause: Sendable, Equatable {
        case unknownHyperparameter(name: String, allowed: [String])
        case missingHyperparameter(name: String, expected: String)
        /// The value is of the wrong kind or out of range; `expected` says what would be right.
        case invalidHyperparameter(name: String, value: String, expected: String)
        /// The value does not go with another hyperparameter's; `value` is nil where one is missing.
        case conflictingHyperparameter(name: String, value: String?, other: String, otherValue: String, expected: String)
        case unknownChannel(name: String, allowed: [String])
        case missingChannel(name: String, present: [String])
        case emptyChannel(name: String)
        case unsupportedContentType(channel: String, contentType: String, allowed: [String])
        case unsupportedInputMode(channel: String, mode: String, allowed: [String])
        case unsupportedDistribution(channel: String, distribution: String, allowed: [String])
        /// The data's width is not what `source` (a hyperparameter, another channel) says.
        case wrongFeatureCount(channel: String, found: Int, expected: Int, source: String)
        /// Anything else, said in full.
        case other(String)
    }

    /// What is wrong.
    public var cause: Cause

    /// Makes one from its parts.
    public init(_ cause: Cause) { self.cause = cause }

    /// A fault that has no case of its own: say what, where, and what would be right.
    public init(_ text: String) { cause = .other(text) }

    /// The user's.
    public var failureClass: FailureClass { .client }
    /// What, where, and what would be right.
    public var message: String { ErrorText.of(cause) }
}

/// The algorithm cannot go on, though what it was asked is in order.
public struct AlgorithmError: ClassifiedError, Equatable {
    /// What, where, and what would be right.
    public var message: String

    /// Makes one from its parts.
    public init(_ message: String) { self.message = message }

    /// The algorithm's.
    public var failureClass: FailureClass { .algorithm }
}

/// The machine failed: a disk, a network, a library that is not there.
public struct PlatformError: ClassifiedError, Equatable {
    /// What, where, and what would be right.
    public var message: String

    /// Makes one from its parts.
    public init(_ message: String) { self.message = message }

    /// The machine's.
    public var failureClass: FailureClass { .platform }

    /// A failed call of the operating system.
    public init(_ action: String, path: String, errorNumber: Int32) {
        message = "could not \(action) \(path): \(ErrorText.ofSystem(errorNumber))"
    }
}

/// Bytes that are not what their format says, and where.
public struct DataError: ClassifiedError, Equatable {
    /// What is wrong.
    public enum Problem: Sendable, Equatable {
        /// The data ends inside what `inside` names; so many bytes more were announced (nil: unknown).
        case truncated(inside: String, missingByteCount: Int?)
        case badRecordMagic(found: UInt32)
        case recordTooLong(byteCount: Int, maximum: Int)
        /// The message inside a record is not well formed.
        case malformedMessage(String)
        /// The record lacks something.
        case missingField(String)
        /// A tensor's type is not among those taken.
        case unsupportedTensor(found: String, expected: String)
        case wrongFieldCount(found: Int, expected: Int)
        case emptyField
        case notANumber(text: String)
        /// NaN or an infinity where a number is needed.
        case notFinite(text: String)
        case keyOutOfRange(key: UInt64, featureCount: Int)
        /// A sparse row has the same key twice.
        case duplicateKey(UInt64)
        case malformedJSON(String)
        case malformedArchive(String)
        case unsafeArchivePath(String)
        /// More than a limit allows.
        case tooLarge(what: String, maximum: Int)
        /// There is no example at all.
        case empty
        case other(String)
    }

    /// Where, as far as it is known; numbers of records, lines and columns are from 1, byte offsets from 0.
    public struct Location: Sendable, Equatable {
        /// The file as the user knows it.
        public var file: String?
        /// The number of the record, from 1.
        public var record: Int?
        /// The number of the line, from 1.
        public var line: Int?
        /// The number of the value in its line, from 1.
        public var column: Int?
        /// The offset in the (decompressed) file, from 0.
        public var byteOffset: Int?

        /// Makes one from its parts.
        public init(file: String? = nil, record: Int? = nil, line: Int? = nil, column: Int? = nil, byteOffset: Int? = nil) {
            self.file = file
            self.record = record
            self.line = line
            self.column = column
            self.byteOffset = byteOffset
        }
    }

    /// What is wrong.
    public var problem: Problem
    /// Where.
    public var location: Location

    /// Makes one from its parts.
    public init(_ problem: Problem, at location: Location = Location()) {
        self.problem = problem
        self.location = location
    }

    /// The user's.
    public var failureClass: FailureClass { .client }
    /// What, where, and what would be right.
    public var message: String { ErrorText.of(self) }
}

/// A job's failure reason.
public enum FailureReason {
    /// The service keeps so many characters.
    public static let maximumCharacterCount = 1024

    /// `<class>: <message>`, cut to what the service keeps; an error of no known class is the algorithm's.
    public static func text(of error: any Error) -> String {
        let text: String
        if let error = error as? any ClassifiedError {
            text = "\(error.failureClass.rawValue): \(error.message)"
        } else if let error = error as? InferenceError {
            text = "\(FailureClass.algorithm.rawValue): \(error.message)"
        } else {
            text = "\(FailureClass.algorithm.rawValue): \(error)"
        }
        return String(text.prefix(maximumCharacterCount))
    }
}
