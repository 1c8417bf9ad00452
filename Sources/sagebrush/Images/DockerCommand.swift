// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Hosts

/// `docker …` as the workshop's scripts say it: the commands that make, name, push and run images, done by `image`.
struct DockerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docker", abstract: "Understands docker build, tag, push, login, images, rmi and run.",
        discussion: "Nothing of Docker's is needed. See `image`.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough) var words: [String] = []

    func run() async throws {
        let desk = ImageDesk(session: try Session.open(ProgramSettings.leading))
        guard let name = words.first else { throw UsageError("docker build, tag, push, login, images, rmi or run.") }
        let rest = Array(words.dropFirst())
        switch name {
        case "build": try await build(rest, desk)
        case "tag":
            guard rest.count == 2 else { throw UsageError("docker tag IMAGE OTHER") }
            try desk.tag(rest[0], rest[1])
        case "push":
            guard let image = rest.last else { throw UsageError("docker push IMAGE") }
            try await desk.push(image)
        case "login":
            // Who may push is asked of the caller's own keys; the password only has to be read.
            if rest.contains("--password-stdin") { _ = try FileHandle.standardInput.readToEnd() }
            print("Login Succeeded")
        case "images": desk.list()
        case "rmi":
            for image in rest where !image.hasPrefix("-") { try desk.remove(image) }
        case "run": throw ExitStatus(code: try await start(rest, desk))
        default: throw UsageError("docker \(name) is not done here: there is build, tag, push, login, images, rmi and run.")
        }
    }

    private func build(_ rest: [String], _ desk: ImageDesk) async throws {
        var words = DockerWords(rest, valued: ["-t", "--tag", "-f", "--file", "--build-arg", "--platform", "--network"])
        let folder = words.positional.last
        guard let folder else { throw UsageError("docker build -t NAME FOLDER") }
        try await desk.build(
            folder, file: words.take("-f", "--file").last, name: words.take("-t", "--tag").last,
            arguments: DockerWords.variables(words.take("--build-arg")), usesCache: !words.flags.contains("--no-cache"),
            pushes: false)
    }

    private func start(_ rest: [String], _ desk: ImageDesk) async throws -> Int32 {
        var words = DockerWords(
            rest, valued: ["-v", "--volume", "-e", "--env", "--name", "-p", "--publish", "-w", "--network"], stopsAtFirst: true)
        guard let image = words.positional.first else {
            throw UsageError("docker run [-v FOLDER:PLACE] [-e NAME=VALUE] IMAGE WORD…")
        }
        if let port = words.take("-p", "--publish").first {
            throw UsageError(
                "docker run -p \(port): ports are not published; an endpoint serves the image (sagemaker create-endpoint).")
        }
        return try await desk.run(
            image, Array(words.positional.dropFirst()), volumes: words.take("-v", "--volume"),
            variables: DockerWords.variables(words.take("-e", "--env")))
    }
}

/// The words of a docker command, parted.
struct DockerWords {
    var positional: [String] = []
    var flags: Set<String> = []
    private var values: [String: [String]] = [:]

    /// - Parameters:
    ///   - valued: the options that take a value.
    ///   - stopsAtFirst: whether all after the first word that is no option belongs to it.
    init(_ words: [String], valued: Set<String>, stopsAtFirst: Bool = false) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if stopsAtFirst, !positional.isEmpty {
                positional.append(word)
            } else if !word.hasPrefix("-") || word == "-" {
                positional.append(word)
            } else if let equals = word.firstIndex(of: "="), word.hasPrefix("--") {
                values[String(word[..<equals]), default: []].append(String(word[word.index(after: equals)...]))
            } else if valued.contains(word), let value = rest.popFirst() {
                values[word, default: []].append(value)
            } else {
                flags.insert(word)
            }
        }
    }

    /// The values of an option, under all its names.
    mutating func take(_ names: String...) -> [String] { names.flatMap { values.removeValue(forKey: $0) ?? [] } }

    /// `NAME=VALUE …` as a table; a name alone takes the value of this process's environment.
    static func variables(_ words: [String]) -> [String: String] {
        words.reduce(into: [:]) { result, word in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            result[parts[0]] = parts.count > 1 ? parts[1] : ProcessInfo.processInfo.environment[parts[0]] ?? ""
        }
    }
}
