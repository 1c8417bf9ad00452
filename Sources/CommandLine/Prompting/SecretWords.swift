// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel

/// Lines that must not lie on disk because a secret stands in them.
public enum SecretWords {
    /// What a secret looks like, or what stands before one.
    private static let patterns = [
        // NAME=value, "Name": "value", Name=value; what only says where it comes from ($(…), $NAME) is none.
        #"(?i)(secret|password|passwd|passphrase|session_?-?token|security_?-?token|private_?-?key|api_?-?key|(^|[^a-z])token)[a-z0-9_-]*["']?\s*[=:]\s*["']?[^\s"'$`=]"#,
        #"(?i)--[a-z0-9-]*(password|passphrase|secret-string|secret-binary|secret-access-key|session-token|token-code)[a-z0-9-]*(?<!-stdin)\s+["']?[^\s"'$`-]"#,
        #"(?i)configure\s+set\s+\S*(secret|token|password)\S*\s+["']?[^\s"'$`]"#,
        // A secret access key: 40 characters of Base64 with letters of both kinds and digits.
        #"(?<![A-Za-z0-9/+=._-])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=._-])"#,
        // A session token.
        #"[A-Za-z0-9/+=]{150,}"#,
        // A name and a password in an address.
        #"[a-z]+://[^\s/:@]+:[^\s/@$]+@"#,
    ]

    /// Whether a secret stands in the line: a password, a secret key, a token, or a value of an option that the models mark as one.
    public static func isHeld(in line: String) -> Bool {
        if patterns.contains(where: { line.range(of: $0, options: .regularExpression) != nil }) { return true }
        var command = CommandReading(PromptVocabulary())
        for token in ShellScanner(line).tokens {
            switch token.kind {
            case .separator: command = CommandReading(PromptVocabulary())
            case .word:
                let open = command.openOption
                _ = command.take(token.text, isExpanded: token.isExpanded, isGrowing: false)
                let isValue = !token.text.hasPrefix("-") && !token.isExpanded && !token.text.hasPrefix("file")
                if isValue, open?.member?.isSensitive == true { return true }
            default: break
            }
        }
        return false
    }
}
