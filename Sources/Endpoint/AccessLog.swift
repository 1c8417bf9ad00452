// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// One request as the access log tells it.
public struct AccessLogEntry: Sendable {
    /// Seconds since 1970, when the request came.
    public var time: Double
    /// The client's address.
    public var address: String
    /// The key that signed; `-` where none did.
    public var accessKeyID: String
    /// In capitals.
    public var method: String
    /// Path and query as they came, without a presigned URL's signature.
    public var target: String
    /// `s3.PutObject`, with the error's code behind it where there was one.
    public var operation: String
    /// The HTTP status.
    public var status: Int
    /// How long the answer took to begin, in milliseconds.
    public var milliseconds: Double
    /// The name that the answer carries.
    public var requestID: String
    /// The client's description of itself.
    public var userAgent: String

    /// One line, in the order of the members.
    public var text: String {
        let duration = (milliseconds * 1000).rounded() / 1000
        return "\(Timestamp.iso8601(time)) \(address) \(accessKeyID) \"\(method) \(target)\" \(operation) \(status) \(duration)ms "
            + "\(requestID) \"\(userAgent.replacing("\"", with: "'"))\""
    }

    /// A target whose signature nobody can use again.
    static func withoutSignature(_ target: String) -> String {
        guard let mark = target.range(of: "Signature=") else { return target }
        let end = target[mark.upperBound...].firstIndex(of: "&") ?? target.endIndex
        return target.replacingCharacters(in: mark.upperBound..<end, with: "-")
    }
}
