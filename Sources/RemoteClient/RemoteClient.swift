// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel
import Wire

/// Another endpoint as a client of services: requests signed with Signature Version 4, over HTTP or HTTPS, tried again as the
/// real client's standard mode does.
///
/// Plain sockets and, for HTTPS, the system's OpenSSL: a command that asks one thing pays for no event loop.
public struct RemoteClient: ServiceClient {
    /// What the command line's options and the settings say.
    public struct Settings: Sendable, Hashable {
        /// `--cli-connect-timeout`; nil waits as long as the system does.
        public var connectTimeoutSeconds: Int?
        /// `--cli-read-timeout`; nil waits for ever.
        public var readTimeoutSeconds: Int?
        /// False with `--no-verify-ssl`.
        public var verifiesCertificates: Bool
        /// `--ca-bundle`: a file of certificates instead of the system's.
        public var certificateFile: String?
        /// How often a request is tried.
        public var maximumAttempts: Int

        /// The real client's defaults.
        public init(
            connectTimeoutSeconds: Int? = 60, readTimeoutSeconds: Int? = 60, verifiesCertificates: Bool = true,
            certificateFile: String? = nil, maximumAttempts: Int = 3
        ) {
            self.connectTimeoutSeconds = connectTimeoutSeconds
            self.readTimeoutSeconds = readTimeoutSeconds
            self.verifiesCertificates = verifiesCertificates
            self.certificateFile = certificateFile
            self.maximumAttempts = maximumAttempts
        }
    }

    private let endpoint: RemoteEndpoint
    private let settings: Settings
    /// How long to wait before a further try, given how many there were.
    private let backoff: @Sendable (Int) -> Duration

    /// A client of an endpoint; nil for an address that is neither HTTP nor HTTPS.
    ///
    /// - Parameter backoff: The wait before a further try, given how many there were.
    public init?(
        _ url: URL, settings: Settings = Settings(),
        backoff: @escaping @Sendable (Int) -> Duration = {
            .seconds(min(20, Double.random(in: 0..<1) * Double(1 << min($0 - 1, 5))))
        }
    ) {
        guard let endpoint = RemoteEndpoint(url, settings: settings) else { return nil }
        self.endpoint = endpoint
        self.settings = settings
        self.backoff = backoff
    }

    /// Sends one request.
    ///
    /// - Throws: `ServiceError` where the service says no; `RemoteError` where it could not be asked.
    public func send(_ request: ServiceRequest) async throws -> ServiceResponse {
        guard let model = ServiceCatalog.service(request.service), let operation = model.operation(request.operation) else {
            throw ServiceError("UnknownOperationException", "There is no operation \(request.operation) of \(request.service).")
        }
        let codec = ServiceCodec(model: model)
        let isRepeatable = request.body?.isRepeatable ?? true
        var attempt = 1
        while true {
            do {
                let parts = try await RemoteRequest(request: request, operation: operation, codec: codec, endpoint: endpoint)
                    .parts()
                let response = try await endpoint.exchange(parts)
                return try await codec.decodeResponse(response, operation: operation)
            } catch {
                try Task.checkCancellation()
                let isLast = attempt >= settings.maximumAttempts || !isRepeatable
                guard Self.isTransient(error), !isLast else {
                    throw Self.isTransient(error) ? Self.exhausted(error, retries: attempt - 1) : error
                }
            }
            try await Task.sleep(for: backoff(attempt))
            attempt += 1
        }
    }

    /// Sleeps: another endpoint does not tell when something has changed.
    public func waitForChange(atMost seconds: Double) async throws {
        try await Task.sleep(for: .seconds(seconds))
    }

    /// Codes that ask for another try.
    private static let retriedCodes: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "TooManyRequestsException",
        "ProvisionedThroughputExceededException", "TransactionInProgressException", "RequestLimitExceeded",
        "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
        "EC2ThrottledException", "RequestTimeout", "RequestTimeoutException",
    ]

    private static func isTransient(_ error: any Error) -> Bool {
        switch error {
        case let error as ServiceError:
            [500, 502, 503, 504].contains(error.status ?? 0) || retriedCodes.contains(error.code)
        case let error as RemoteError:
            switch error {
            case .cannotConnect, .connectTimeout, .readTimeout, .closed: true
            default: false
            }
        default: false
        }
    }

    private static func exhausted(_ error: any Error, retries: Int) -> any Error {
        guard var refusal = error as? ServiceError, retries > 0 else { return error }
        refusal.retryCount = retries
        return refusal
    }
}
