// SPDX-License-Identifier: Apache-2.0

import NIOSSL

/// What a server shows clients over TLS: a chain of certificates and the private key of the first.
public struct ServerCertificate: Sendable {
    /// Why files can't be used as a certificate and its key.
    public struct Problem: Error, CustomStringConvertible {
        /// The file, what is wrong and what would be right.
        public let description: String
    }

    let configuration: TLSConfiguration

    /// Reads the files once; later changes of them are not seen.
    ///
    /// - Parameter certificate: The path of a PEM file: the server's certificate, then those that lead to the authority.
    /// - Parameter privateKey: The path of a PEM file with the unencrypted private key of the first certificate.
    /// - Throws: `Problem` where a file can't be read as such or the key belongs to another certificate.
    public init(certificate: String, privateKey: String) throws {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw Problem(description: "\(certificate) can't be read as certificates; a file in PEM form is wanted.")
        }
        guard !chain.isEmpty else {
            throw Problem(description: "\(certificate) holds no certificate; a file in PEM form is wanted.")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: privateKey, format: .pem)
        } catch {
            throw Problem(
                description: "\(privateKey) can't be read as a private key; an unencrypted one in PEM form is wanted.")
        }
        configuration = .makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        do {
            // A key of another certificate would else be noticed by the first client only.
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Problem(description: "The private key of \(privateKey) does not belong to the certificate of \(certificate).")
        }
    }
}
