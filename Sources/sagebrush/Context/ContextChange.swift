// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation

/// Variables that a command of the prompt sets or forgets: how region, account, profile and world change, for the prompt and for the
/// bash beside it alike.
struct ContextChange: Sendable, Equatable {
    /// One variable; nil forgets it.
    struct Assignment: Sendable, Equatable {
        var name: String
        var value: String?
    }

    var assignments: [Assignment] = []

    mutating func set(_ name: String, _ value: String?) {
        assignments.removeAll { $0.name == name }
        assignments.append(Assignment(name: name, value: value))
    }

    /// The change as commands of a shell, one a line.
    var shellText: String {
        assignments.map { assignment in
            assignment.value.map { "export \(assignment.name)=\(Tokenizer.quoted($0))\n" } ?? "unset \(assignment.name)\n"
        }.joined()
    }

    func apply(to variables: inout [String: String]) {
        for assignment in assignments { variables[assignment.name] = assignment.value }
    }
}

/// Where the changes of a command go.
enum ContextSink {
    /// The prompt that runs a command in its own process.
    final class Collector: Sendable {
        private let lock = NSLock()
        nonisolated(unsafe) private var changes: [ContextChange] = []

        func add(_ change: ContextChange) {
            lock.withLock { changes.append(change) }
        }

        var all: [ContextChange] { lock.withLock { changes } }
    }

    /// Set while the prompt runs a command.
    @TaskLocal static var collector: Collector?

    /// Hands a change over: to the prompt, or to the shell that started this process and waits for it on a descriptor; where there is
    /// neither, the change is printed for `eval`.
    ///
    /// - Returns: true where somebody acts on it.
    @discardableResult
    static func send(_ change: ContextChange) -> Bool {
        if let collector {
            collector.add(change)
            return true
        }
        if let descriptor = ProcessInfo.processInfo.environment["SAGEBRUSH_CHANGES"].flatMap({ Int32($0) }) {
            FileHandle(fileDescriptor: descriptor).write(Data(change.shellText.utf8))
            return true
        }
        print(change.shellText, terminator: "")
        return false
    }
}
