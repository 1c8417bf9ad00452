// SPDX-License-Identifier: Apache-2.0

/// What a stretch of a typed line is.
public enum TextRole: String, Sendable, CaseIterable {
    /// `aws`, our own commands, programs and the shell's words.
    case command
    /// `s3`, `sagemaker`.
    case service
    /// `create-training-job`, `cp`.
    case operation
    /// `--bucket`.
    case option
    /// What an option or a command is given.
    case value
    /// Quoted text and here-documents.
    case string
    /// `$NAME`, `NAME=`.
    case variable
    /// `|`, `&&`, `>`, `;`.
    case `operator`
    /// `# …`.
    case comment
    /// A word that means nothing where it stands.
    case error
    /// What could follow; other text that stands back.
    case hint
    /// What is chosen in a list.
    case selection
}

/// How roles look: the one table from roles to SGR parameters.
public struct Theme: Sendable {
    /// SGR parameters by role; a role without any is plain.
    public var styles: [TextRole: String]

    /// In the terminal's own sixteen colours, so that they go with its background.
    public static let colors = Theme(styles: [
        .command: "1", .service: "36", .operation: "1;36", .option: "34", .value: "", .string: "33", .variable: "35",
        .operator: "1",
        .comment: "90", .error: "31", .hint: "90", .selection: "7",
    ])

    /// Without colour (NO_COLOR): hints are faint, errors underlined, so that they still differ from what is typed.
    public static let plain = Theme(styles: [.error: "4", .hint: "2", .selection: "7"])

    /// The theme that the environment asks for.
    public init(environment: [String: String]) {
        self = environment["NO_COLOR"].map { !$0.isEmpty } ?? false ? .plain : .colors
    }

    private init(styles: [TextRole: String]) {
        self.styles = styles
    }

    /// The SGR parameters of a role.
    public func style(_ role: TextRole) -> String { styles[role] ?? "" }
}

/// A stretch of a line and its role; places are counted in Unicode scalars.
public struct RoleSpan: Sendable, Equatable {
    /// The stretch.
    public var range: Range<Int>
    /// What it is.
    public var role: TextRole

    /// Makes one from its parts.
    public init(_ range: Range<Int>, _ role: TextRole) {
        self.range = range
        self.role = role
    }
}
