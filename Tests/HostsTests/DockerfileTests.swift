// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing

@testable import Hosts

@Suite struct DockerfileTests {
    private func actions(_ text: String) throws -> [Dockerfile.Action] { try Dockerfile(text).instructions.map(\.action) }

    @Test func continuationsCommentsAndFormsAreRead() throws {
        let text = """
            # a comment
            FROM ubuntu:18.04 AS base
            RUN apt-get update && \\
                # between
                apt-get install -y nginx
            ENV PATH="/opt/program:${PATH}" A=1
            ENV OLD form of it
            COPY --chmod=755 a b/ /opt/program/
            ADD ["with space.tar", "/x"]
            WORKDIR /opt/program
            ENTRYPOINT ["python3", "-u"]
            CMD serve now
            EXPOSE 8080
            """
        let found = try actions(text)
        #expect(found[0] == .from("ubuntu:18.04"))
        guard case .run(.shell(let line)) = found[1] else { throw Dockerfile.Failure(line: 0, reason: "no RUN") }
        #expect(line.split(separator: " ").joined(separator: " ") == "apt-get update && apt-get install -y nginx")
        #expect(found[2] == .environment([.init(name: "PATH", value: "\"/opt/program:${PATH}\""), .init(name: "A", value: "1")]))
        #expect(found[3] == .environment([.init(name: "OLD", value: "form of it")]))
        #expect(
            found[4] == .copy(.init(sources: ["a", "b/"], destination: "/opt/program/", unpacks: false, mode: "755", owner: nil)))
        #expect(
            found[5] == .copy(.init(sources: ["with space.tar"], destination: "/x", unpacks: true, mode: nil, owner: nil)))
        #expect(found[7] == .entryPoint(.words(["python3", "-u"])))
        #expect(found[8] == .command(.shell("serve now")))
        #expect(found[9] == .nothing)
    }

    @Test(arguments: [
        ("RUN true", "FROM must come before"), ("FROM a\nFROM b", "second FROM"), ("FROM a\nCOPY --from=b /x /y", "--from"),
        ("FROM a\nUSER nobody", "USER is not done"), ("FROM a\nADD http://host/x /x", "RUN"), ("", "no FROM"),
        ("FROM a\nCOPY x y z", "end with /"), ("FROM a\nENV =x", "NAME=VALUE"), ("FROM a\nRUN", "needs something"),
    ])
    func whatIsNotDoneIsRefusedWithItsLine(text: String, reason: String) throws {
        let error = try #require(throws: Dockerfile.Failure.self) { try Dockerfile(text) }
        #expect(error.description.contains(reason) && error.line >= 1)
    }

    @Test(arguments: [
        ("$A/${B}", "1/2"), ("${C:-x}${A:-x}${A:+y}${C:+y}", "x1y"), ("'$A' \"$A\" \\$A", "$A 1 $A"), ("${PATH}", ""), ("5$", "5$"),
    ])
    func variablesArePutIn(text: String, expected: String) {
        #expect(DockerfileWords.expand(text, ["A": "1", "B": "2"]) == expected)
    }

    @Test(arguments: [
        ("name", "name:latest"), ("a/b-c:1.0", "a/b-c:1.0"),
        ("1.dkr.ecr.us-east-1.amazonaws.com/x", "1.dkr.ecr.us-east-1.amazonaws.com/x:latest"),
        ("host:5000/x:T_1", "host:5000/x:T_1"), ("Upper", nil), ("x:", nil), ("-x", nil), ("a b", nil), ("", nil),
    ])
    func imagesHaveNames(name: String, expected: String?) {
        #expect((try? ImageStore.fullName(name)) == expected)
    }

    @Test func theContextLeavesOutWhatItIgnores() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/context-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (path, text) in [
            (".dockerignore", "# no\n*.log\nsecret\n!keep.log\n"), ("a.py", "a"), ("b.py", "b"), ("x.log", "l"), ("keep.log", "k"),
            ("secret/key", "s"), ("sub/c.py", "c"),
        ] {
            let file = URL(fileURLWithPath: folder + "/" + path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let context = BuildContext(path: folder)
        #expect(try context.paths(of: "*.py") == ["a.py", "b.py"])
        #expect(try context.paths(of: "./sub/*.py") == ["sub/c.py"])
        #expect(throws: ImageError.self) { try context.paths(of: "../x") }
        #expect(context.isIgnored("x.log") && context.isIgnored("secret/key") && !context.isIgnored("keep.log"))
        let target = folder + "-copy"
        defer { try? FileManager.default.removeItem(atPath: target) }
        let digest = try context.copy("", to: target)
        let copied = try FileManager.default.subpathsOfDirectory(atPath: target).sorted()
        #expect(copied == [".dockerignore", "a.py", "b.py", "keep.log", "sub", "sub/c.py"])
        try Data("other".utf8).write(to: URL(fileURLWithPath: folder + "/a.py"))
        try FileManager.default.removeItem(atPath: target)
        #expect(try context.copy("", to: target) != digest)
    }

    @Test func aConfigurationIsWhatItsDocumentSays() throws {
        var image = ImageConfiguration()
        for (name, value) in [("PATH", "/a:/b"), ("EMPTY", ""), ("X", "1=2")] { image.environment[name] = value }
        image.command = ["bash"]
        image.directory = "/opt"
        image.layers = ["debian-12", "0123456789abcdef"]
        image.history = ["RUN true"]
        image.sizeInBytes = 7
        #expect(ImageConfiguration(document: Array(image.document.utf8)) == image)
        #expect(image.words([]) == ["bash"] && image.words(["train"]) == ["train"])
        image.entryPoint = ["python3"]
        #expect(image.words(["train"]) == ["python3", "train"])
    }
}
