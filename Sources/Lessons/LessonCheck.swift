// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One line of a `check` block: a command of the AWS CLI and what it must come to.
///
///     aws …            must succeed
///     ! aws …          must fail
///     aws … => text    its output, without blanks at the ends, is this text
///     aws … ~ text     its output contains this text
///     aws … >= 0.9     its output is a number, at least this one
public struct LessonCheck: Sendable, Hashable {
    /// What the command must come to.
    public enum Expectation: Sendable, Hashable {
        case success
        case failure
        case output(String)
        case containing(String)
        case atLeast(Double)
    }

    /// The command, beginning with `aws`; variables of the lesson in it are not filled in.
    public var command: String
    /// What it must come to.
    public var expectation: Expectation

    /// Reads a line; nil where it is not of that form.
    public init?(_ line: String) {
        var text = line.trimmingCharacters(in: .whitespaces)
        var expectation = Expectation.success
        if text.hasPrefix("! ") {
            text = String(text.dropFirst(2))
            expectation = .failure
        } else if let (command, expected) = LessonCheck.split(text, at: " => ") {
            (text, expectation) = (command, .output(expected))
        } else if let (command, expected) = LessonCheck.split(text, at: " >= ") {
            guard let number = Double(expected) else { return nil }
            (text, expectation) = (command, .atLeast(number))
        } else if let (command, expected) = LessonCheck.split(text, at: " ~ ") {
            (text, expectation) = (command, .containing(expected))
        }
        guard text.hasPrefix("aws ") else { return nil }
        command = text
        self.expectation = expectation
    }

    /// Splits at the last place where the mark stands: a query may hold one too.
    private static func split(_ text: String, at mark: String) -> (String, String)? {
        guard let range = text.range(of: mark, options: .backwards) else { return nil }
        return (String(text[..<range.lowerBound]), text[range.upperBound...].trimmingCharacters(in: .whitespaces))
    }

    /// The same with the lesson's variables filled in.
    public func filled(with values: [String: String]) -> LessonCheck {
        var check = self
        check.command = LessonVariables.fill(command, with: values)
        switch expectation {
        case .output(let text): check.expectation = .output(LessonVariables.fill(text, with: values))
        case .containing(let text): check.expectation = .containing(LessonVariables.fill(text, with: values))
        case .success, .failure, .atLeast: break
        }
        return check
    }

    /// Whether a run of the command is what was expected.
    ///
    /// - Parameters:
    ///   - status: the command's exit status.
    ///   - output: what it wrote to standard output.
    public func isSatisfied(status: Int32, output: String) -> Bool {
        let output = output.trimmingCharacters(in: .whitespacesAndNewlines)
        switch expectation {
        case .success: return status == 0
        case .failure: return status != 0
        case .output(let text): return status == 0 && output == text
        case .containing(let text): return status == 0 && output.contains(text)
        case .atLeast(let number): return status == 0 && (Double(output).map { $0 >= number } ?? false)
        }
    }

    /// What was expected, as the end of a sentence.
    public var expectationText: String {
        switch expectation {
        case .success: "it should succeed"
        case .failure: "it should fail"
        case .output(let text): text.isEmpty ? "it should show nothing" : "it should show \(text)"
        case .containing(let text): "it should show \(text) somewhere"
        case .atLeast(let number): "it should show at least \(number == number.rounded() ? String(Int(number)) : String(number))"
        }
    }
}

/// The variables of lessons: `{{bucket}}`.
public enum LessonVariables {
    /// Puts values in the place of variables; a variable without a value stays.
    public static func fill(_ text: String, with values: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.range(of: "{{"), let close = rest[open.upperBound...].range(of: "}}") {
            result += rest[..<open.lowerBound]
            result += values[String(rest[open.upperBound..<close.lowerBound])] ?? String(rest[open.lowerBound..<close.upperBound])
            rest = rest[close.upperBound...]
        }
        return result + rest
    }

    /// The names of the variables in a text.
    public static func names(in text: String) -> Set<String> {
        var names: Set<String> = []
        var rest = text[...]
        while let open = rest.range(of: "{{"), let close = rest[open.upperBound...].range(of: "}}") {
            names.insert(String(rest[open.upperBound..<close.lowerBound]))
            rest = rest[close.upperBound...]
        }
        return names
    }
}
