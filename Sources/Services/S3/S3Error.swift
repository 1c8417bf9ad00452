// SPDX-License-Identifier: Apache-2.0

import Wire

/// S3's documented errors: code, sentence, status and the members that the answer carries.
enum S3Error {
    static func noSuchBucket(_ name: String) -> ServiceError {
        ServiceError(
            "NoSuchBucket", "The specified bucket does not exist", status: 404, details: [.init("BucketName", .string(name))])
    }

    static func noSuchKey(_ key: String) -> ServiceError {
        ServiceError("NoSuchKey", "The specified key does not exist.", status: 404, details: [.init("Key", .string(key))])
    }

    static func noSuchVersion(_ key: String, _ version: String) -> ServiceError {
        ServiceError(
            "NoSuchVersion", "The specified version does not exist.", status: 404,
            details: [.init("Key", .string(key)), .init("VersionId", .string(version))])
    }

    static func noSuchUpload(_ id: String) -> ServiceError {
        ServiceError(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
            status: 404, details: [.init("UploadId", .string(id))])
    }

    static func bucketAlreadyExists(_ name: String) -> ServiceError {
        ServiceError(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
                + "Please select a different name and try again.",
            status: 409, details: [.init("BucketName", .string(name))])
    }

    static let tooManyBuckets = ServiceError(
        "TooManyBuckets", "You have attempted to create more buckets than allowed", status: 400)

    static func bucketAlreadyOwnedByYou(_ name: String) -> ServiceError {
        ServiceError(
            "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.",
            status: 409,
            details: [.init("BucketName", .string(name))])
    }

    static func bucketNotEmpty(_ name: String) -> ServiceError {
        ServiceError(
            "BucketNotEmpty", "The bucket you tried to delete is not empty", status: 409,
            details: [.init("BucketName", .string(name))])
    }

    static func invalidBucketName(_ name: String) -> ServiceError {
        ServiceError(
            "InvalidBucketName", "The specified bucket is not valid.", status: 400, details: [.init("BucketName", .string(name))])
    }

    static func invalidArgument(_ message: String, name: String, value: String) -> ServiceError {
        ServiceError(
            "InvalidArgument", message, status: 400,
            details: [.init("ArgumentName", .string(name)), .init("ArgumentValue", .string(value))])
    }

    static func invalidRequest(_ message: String) -> ServiceError {
        ServiceError("InvalidRequest", message, status: 400)
    }

    static let accessDenied = ServiceError("AccessDenied", "Access Denied", status: 403)

    static let malformedXML = ServiceError(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", status: 400)

    static func preconditionFailed(_ condition: String) -> ServiceError {
        ServiceError(
            "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", status: 412,
            details: [.init("Condition", .string(condition))])
    }

    static let notModified = ServiceError("304", "Not Modified", status: 304)

    static func badDigest(_ name: String) -> ServiceError {
        ServiceError("BadDigest", "The \(name) you specified did not match the calculated checksum.", status: 400)
    }

    static func invalidRange(_ range: String, size: Int) -> ServiceError {
        ServiceError(
            "InvalidRange", "The requested range is not satisfiable", status: 416,
            details: [.init("ActualObjectSize", .string(String(size))), .init("RangeRequested", .string(range))])
    }

    static let listsNotSupported = ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs", status: 400)

    static func methodNotAllowed(method: String, resourceType: String) -> ServiceError {
        ServiceError(
            "MethodNotAllowed", "The specified method is not allowed against this resource.", status: 405,
            details: [.init("Method", .string(method)), .init("ResourceType", .string(resourceType))])
    }

    /// The answer to a HEAD request has no body: callers see the status alone.
    static func withoutBody(_ error: ServiceError) -> ServiceError {
        let status = error.status ?? 400
        let phrase =
            switch status {
            case 301: "Moved Permanently"
            case 304: "Not Modified"
            case 403: "Forbidden"
            case 404: "Not Found"
            case 405: "Method Not Allowed"
            case 412: "Precondition Failed"
            case 416: "Requested Range Not Satisfiable"
            default: "Bad Request"
            }
        var bare = ServiceError(String(status), phrase, status: status)
        bare.headers = error.headers
        bare.explanation = error.explanation
        return bare
    }
}
