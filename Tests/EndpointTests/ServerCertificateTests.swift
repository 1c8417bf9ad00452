// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import Endpoint

@Suite struct ServerCertificateTests {
    /// Of localhost, signed by itself, for tests only.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBnDCCAUGgAwIBAgIUPpeyLV9vNcnxq4i2FfIYERGCjPEwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjAyMTQzMloYDzIxMjYxMTAy
        MDIxNDMyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATj4Bveeqe5KOFZiGR501N+UpkLZkwgeFK/T3y5noDfGlz+o1KVH5s6
        QOk79k7ENXeaM3SwxKUIcJs3O1PEEdkLo28wbTAdBgNVHQ4EFgQUdpg8TxRgVP3n
        WsKPi7RpTNRJ4GUwHwYDVR0jBBgwFoAUdpg8TxRgVP3nWsKPi7RpTNRJ4GUwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSQAwRgIhAIX+MW/VIstcG3lJp0tmTFix/Kr+FAD4QRFzS4RAsYSaAiEA
        usAVeTDAru1ihr7FCIqalOvtY7PfL84dQbWf5plioHs=
        -----END CERTIFICATE-----
        """
    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYBRcLC2O0fEpRq7v
        w6wZwpeqxp6eTaYk1NLf77u2o++hRANCAATj4Bveeqe5KOFZiGR501N+UpkLZkwg
        eFK/T3y5noDfGlz+o1KVH5s6QOk79k7ENXeaM3SwxKUIcJs3O1PEEdkL
        -----END PRIVATE KEY-----
        """

    /// A folder with both files.
    private func withFiles(_ body: (_ certificate: String, _ privateKey: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = folder.appending(path: "certificate.pem")
        let privateKey = folder.appending(path: "key.pem")
        try Data(Self.certificate.utf8).write(to: certificate)
        try Data(Self.privateKey.utf8).write(to: privateKey)
        try await body(certificate.path, privateKey.path)
    }

    @Test func aClientThatTrustsTheCertificateIsAnswered() async throws {
        try await withFiles { certificate, privateKey in
            let shown = try ServerCertificate(certificate: certificate, privateKey: privateKey)
            try await EndpointFixture.with(certificate: shown) { port in
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(Self.certificate.utf8)))
                let context = try NIOSSLContext(configuration: configuration)
                let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                            return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                        }
                    }
                let answer = try await client.executeThenClose { inbound, outbound in
                    try await outbound.write(
                        ByteBuffer(string: "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    var text = ""
                    for try await piece in inbound {
                        text += String(buffer: piece)
                        if text.contains("ok") { break }
                    }
                    return text
                }
                #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains(#"{"status":"ok"}"#))
            }
        }
    }

    @Test func filesThatAreNoCertificateOrKeyAreNamed() async throws {
        try await withFiles { certificate, privateKey in
            let noCertificate = #expect(throws: ServerCertificate.Problem.self) {
                try ServerCertificate(certificate: privateKey + ".none", privateKey: privateKey)
            }
            #expect(noCertificate?.description.hasPrefix("\(privateKey).none can't be read as certificates") == true)
            let noKey = #expect(throws: ServerCertificate.Problem.self) {
                try ServerCertificate(certificate: certificate, privateKey: certificate)
            }
            #expect(noKey?.description.hasPrefix("\(certificate) can't be read as a private key") == true)
        }
    }
}
