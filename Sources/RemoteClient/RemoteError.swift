// SPDX-License-Identifier: Apache-2.0

/// Why an endpoint could not be asked, in the real client's words.
public enum RemoteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing listens there, or the name is unknown.
    case cannotConnect(url: String)
    /// No connection within the time for it.
    case connectTimeout(url: String)
    /// Connected, and no answer within the time for one.
    case readTimeout(url: String)
    /// The connection ended before the answer was complete.
    case closed(url: String)
    /// The other side's certificate or protocol is not to be trusted.
    case untrusted(url: String, reason: String)
    /// What came back is no HTTP.
    case notHTTP(url: String)
    /// The library for HTTPS is not installed.
    case noTLS(reason: String)

    /// The text that a user reads.
    public var description: String {
        switch self {
        case .cannotConnect(let url): "Could not connect to the endpoint URL: \"\(url)\""
        case .connectTimeout(let url): "Connect timeout on endpoint URL: \"\(url)\""
        case .readTimeout(let url): "Read timeout on endpoint URL: \"\(url)\""
        case .closed(let url): "Connection was closed before we received a valid response from endpoint URL: \"\(url)\"."
        case .untrusted(let url, let reason): "SSL validation failed for \(url) \(reason)"
        case .notHTTP(let url): "The answer of endpoint URL \"\(url)\" is not HTTP/1.1."
        case .noTLS(let reason): "HTTPS needs OpenSSL: \(reason)"
        }
    }

    /// The same problem with another address.
    func at(_ url: String) -> RemoteError {
        switch self {
        case .cannotConnect: .cannotConnect(url: url)
        case .connectTimeout: .connectTimeout(url: url)
        case .readTimeout: .readTimeout(url: url)
        case .closed: .closed(url: url)
        case .untrusted(_, let reason): .untrusted(url: url, reason: reason)
        case .notHTTP: .notHTTP(url: url)
        case .noTLS: self
        }
    }
}
