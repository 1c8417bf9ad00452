// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire

/// The program as a server, spoken to over a socket.
@Suite(.serialized) struct ServeTests {
    /// `sagebrush serve` in a world of its own, until it is let go.
    final class Server: Sendable {
        let runner: ProgramRunner
        let port: Int
        let credentials: Credentials
        let pid: pid_t
        private let process: Process

        /// Starts it and waits until it says where it answers.
        init(_ options: [String] = []) throws {
            runner = try ProgramRunner()
            process = Process()
            process.executableURL = URL(fileURLWithPath: ProgramRunner.executable)
            process.arguments = ["serve", "--port", "0"] + options
            process.environment = runner.variables
            process.currentDirectoryURL = URL(fileURLWithPath: runner.folder)
            let errors = Pipe()
            process.standardError = errors
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            pid = process.processIdentifier
            var text = ""
            while !text.contains("Sagebrush answers at"), case let piece = errors.fileHandleForReading.availableData, !piece.isEmpty
            {
                text += String(decoding: piece, as: UTF8.self)
            }
            func value(_ name: String) -> String? {
                text.split(separator: "\n").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
            }
            port = text.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
            credentials = Credentials(
                accessKeyID: value("AWS_ACCESS_KEY_ID") ?? "AKIAIOSFODNN7EXAMPLE",
                secretAccessKey: value("AWS_SECRET_ACCESS_KEY") ?? "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        }

        /// Its address.
        var endpoint: String { "http://127.0.0.1:\(port)" }

        deinit {
            if process.isRunning { process.terminate() }
            process.waitUntilExit()
        }

        /// Ends it as a user does; gives its status.
        func stop() -> Int32 {
            process.terminate()
            process.waitUntilExit()
            return process.terminationStatus
        }

        /// The most memory that it has had, in MiB.
        func peakMemory() throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
            return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1024
        }

        func head(_ method: String, _ path: String, length: Int = 0, as key: Credentials? = nil) -> String {
            var request = HTTPRequestParts(method: method, path: path, headers: ["Host": "127.0.0.1:\(port)"])
            SignatureV4(credentials: key ?? credentials, region: "us-east-1", service: "s3")
                .sign(&request, payloadHash: SignatureV4.unsignedPayload, at: Timestamp.now)
            var text = "\(method) \(path) HTTP/1.1\r\nContent-Length: \(length)\r\n"
            for field in request.headers { text += "\(field.name): \(field.value)\r\n" }
            return text + "\r\n"
        }
    }

    /// One connection: whole requests out, heads and bodies in.
    private final class Connection {
        private let descriptor: Int32

        init(port: Int) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(status == 0)
        }

        deinit { close(descriptor) }

        func send(_ bytes: [UInt8]) throws {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                try #require(count > 0)
                sent += count
            }
        }

        /// The status and head of an answer and the digest of its body.
        func answer() throws -> (head: String, byteCount: Int, digest: String) {
            var head: [UInt8] = []
            var byte: UInt8 = 0
            while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
                try #require(recv(descriptor, &byte, 1, 0) == 1)
                head.append(byte)
            }
            let text = String(decoding: head, as: UTF8.self)
            let line = text.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            var left = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
            let byteCount = left
            var digest = Checksum(.sha256)
            var piece = [UInt8](repeating: 0, count: 1 << 20)
            while left > 0 {
                let count = recv(descriptor, &piece, min(left, piece.count), 0)
                try #require(count > 0)
                digest.update(Array(piece[..<count]))
                left -= count
            }
            return (text, byteCount, digest.base64)
        }
    }

    @Test func largeObjectsPassInConstantMemory() throws {
        let server = try Server()
        let connection = try Connection(port: server.port)
        try connection.send(Array(server.head("PUT", "/large").utf8))
        #expect(try connection.answer().head.hasPrefix("HTTP/1.1 200"))
        let piece = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let before = try server.peakMemory()
        try connection.send(Array(server.head("PUT", "/large/object", length: 48 << 20).utf8))
        var digest = Checksum(.sha256)
        for _ in 0..<48 {
            try connection.send(piece)
            digest.update(piece)
        }
        #expect(try connection.answer().head.hasPrefix("HTTP/1.1 200"))
        try connection.send(Array(server.head("GET", "/large/object").utf8))
        let answer = try connection.answer()
        #expect(answer.byteCount == 48 << 20 && answer.digest == digest.base64)
        #expect(try server.peakMemory() - before < 32)
        #expect(server.stop() == 0)
    }

    @Test func strangersNeedAKeyOfTheWorldsOwn() throws {
        let server = try Server(["--host", "0.0.0.0"])
        let connection = try Connection(port: server.port)
        let example = Credentials(accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        #expect(server.credentials != example)
        try connection.send(Array(server.head("GET", "/", as: example).utf8))
        #expect(try connection.answer().head.hasPrefix("HTTP/1.1 403"))
        try connection.send(Array(server.head("PUT", "/bucket").utf8))
        #expect(try connection.answer().head.hasPrefix("HTTP/1.1 200"))
        try connection.send(Array("PUT /bucket/k HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".utf8))
        #expect(try connection.answer().head.hasPrefix("HTTP/1.1 403"))
    }

    @Test func theAccessLogHasALineForEachRequest() throws {
        let server = try Server(["--access-log", "log"])
        let connection = try Connection(port: server.port)
        try connection.send(Array(server.head("PUT", "/bucket").utf8))
        _ = try connection.answer()
        try connection.send(Array(server.head("GET", "/bucket/none").utf8))
        _ = try connection.answer()
        #expect(server.stop() == 0)
        let lines = try String(contentsOfFile: server.runner.folder + "/log", encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains("\"PUT /bucket\" s3.CreateBucket 200"))
        #expect(lines[1].contains("AKIAIOSFODNN7EXAMPLE \"GET /bucket/none\" s3.GetObject NoSuchKey 404"))
    }

    @Test func keysOfAnotherCloudAreUsedThere() throws {
        let server = try Server()
        let created = try server.runner.run(
            ["-c", "iam create-user --user-name far >/dev/null; iam create-access-key --user-name far --output text"])
        let fields = created.text.split(separator: "\t").map(String.init)
        try #require(fields.count > 4)
        let identity = ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
        let here = try ProgramRunner()
        let keys = ["AWS_ACCESS_KEY_ID": fields[1], "AWS_SECRET_ACCESS_KEY": fields[3]]
        #expect(
            try here.run(identity + ["--endpoint-url", server.endpoint], environment: keys).text
                == "arn:aws:iam::123456789012:user/far")
        #expect(try here.run(identity, environment: keys).text == "arn:aws:iam::123456789012:user/student")
    }
}
