// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// IAM's and STS's errors, in their words.
enum IAMError {
    static func noSuchEntity(_ message: String) -> ServiceError {
        ServiceError("NoSuchEntity", message, status: 404)
    }

    /// The sentence `The role with name x cannot be found.`, as an error.
    static func notFound(_ noun: String, _ name: String) -> ServiceError {
        noSuchEntity("The \(noun) with name \(name) cannot be found.")
    }

    static func alreadyExists(_ message: String) -> ServiceError {
        ServiceError("EntityAlreadyExists", message, status: 409)
    }

    static func deleteConflict(_ message: String) -> ServiceError {
        ServiceError("DeleteConflict", message, status: 409)
    }

    /// `Cannot exceed quota for AccessKeysPerUser: 2`.
    static func quota(_ name: String, _ limit: Int) -> ServiceError {
        limitExceeded("Cannot exceed quota for \(name): \(limit)")
    }

    static func limitExceeded(_ message: String) -> ServiceError {
        ServiceError("LimitExceeded", message, status: 409)
    }

    static func invalidInput(_ message: String) -> ServiceError {
        ServiceError("InvalidInput", message, status: 400)
    }

    static func validation(_ message: String) -> ServiceError {
        ServiceError("ValidationError", message, status: 400)
    }

    static func malformedPolicy(_ error: PolicyDocumentError) -> ServiceError {
        malformedPolicy(error.message)
    }

    static func malformedPolicy(_ message: String) -> ServiceError {
        ServiceError("MalformedPolicyDocument", message, status: 400)
    }

    static func accessDenied(_ message: String) -> ServiceError {
        ServiceError("AccessDenied", message, status: 403)
    }
}
