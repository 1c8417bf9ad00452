// SPDX-License-Identifier: Apache-2.0

import Foundation
import LineEditor
import ServiceModel
import World

/// Proposes services, operations, options and files for the word before the cursor.
struct PromptCompleter {
    let session: Session

    private static let s3Commands = [
        ("cp", "copy files and objects"), ("ls", "list buckets or objects"), ("mb", "make a bucket"),
        ("mv", "move files and objects"),
        ("presign", "make a link to an object"), ("rb", "remove a bucket"), ("rm", "remove objects"),
        ("sync", "make two folders alike"),
        ("website", "set a website configuration"),
    ]

    /// The proposals, and how many characters before the cursor each replaces.
    func completions(for text: String) -> (replacedLength: Int, completions: [Completion]) {
        var words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        let current = text.hasSuffix(" ") || words.isEmpty ? "" : words.removeLast()
        if words.first == "aws" { words.removeFirst() }
        let candidates = proposals(after: words, current: current).filter { $0.text.hasPrefix(current) }
        return (current.count, candidates)
    }

    private func proposals(after words: [String], current: String) -> [Completion] {
        guard let service = words.first else { return commands() }
        if service == "region" { return Region.all.map { Completion($0.name, description: $0.title) } }
        if service == "s3" {
            if words.count == 1 { return PromptCompleter.s3Commands.map { Completion($0.0, description: $0.1) } }
            return files(current)
        }
        guard let model = ServiceCatalog.service(commandName: service) else { return files(current) }
        guard words.count > 1 else {
            return (model.operations.map { Completion($0.commandName) } + [Completion("wait"), Completion("help")]).sorted {
                $0.text < $1.text
            }
        }
        guard current.hasPrefix("-"), let operation = model.operation(commandName: words[1]), let input = operation.input else {
            return files(current)
        }
        let used = Set(words)
        return input.members.map { member in
            Completion("--" + member.optionName, description: member.isRequired ? "required" : "\(member.shape.kind)")
        }.filter { !used.contains($0.text) }.sorted { $0.text < $1.text }
    }

    private func commands() -> [Completion] {
        let services = ShellBridge.serviceNames.map { Completion($0, description: "AWS service") }
        let own = [
            Completion("account", description: "the account commands are made in"),
            Completion("clock", description: "how waiting passes"),
            Completion("dataset", description: "the data in the box"), Completion("exit"), Completion("help"),
            Completion("region", description: "shows or changes the region"),
            Completion("world", description: "makes, describes, empties worlds"),
        ]
        return (services + own).sorted { $0.text < $1.text }
    }

    private func files(_ current: String) -> [Completion] {
        let prefix = ["file://", "fileb://"].first { current.hasPrefix($0) } ?? ""
        let path = String(current.dropFirst(prefix.count))
        let folder = path.contains("/") ? String(path[...(path.lastIndex(of: "/") ?? path.startIndex)]) : ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names.sorted().filter { !$0.hasPrefix(".") }.map { name in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: folder + name, isDirectory: &isFolder)
            return Completion(prefix + folder + name + (isFolder.boolValue ? "/" : ""), endsWord: !isFolder.boolValue)
        }
    }
}
