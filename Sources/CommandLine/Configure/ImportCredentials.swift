// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `aws configure import --csv file://keys.csv`: the keys of a file that the console gives, a profile a user.
struct ImportCredentialsCommand: CustomCommand {
    static let path = ["configure", "import"]

    private static let headers = ["User Name", "Access Key ID", "Secret Access key"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try ArgumentParser([
            ArgumentSpecification(option: "--csv", isRequired: true),
            ArgumentSpecification(option: "--skip-invalid", arity: .flag(true)), ArgumentSpecification(option: "--profile-prefix"),
        ]).parse(arguments)
        if !parsed.remaining.isEmpty { throw CommandFailure.unknownOptions(parsed.remaining) }
        let given = parsed.text("csv") ?? ""
        let text = try ParameterFile(environment: context.environment).text(given, option: "csv")
        if !text.contains("\n"), FileManager.default.fileExists(atPath: context.environment.absolutePath(text)) {
            throw CommandFailure.general(
                "You may be passing a file to import without the 'file://' prefix. To import a CSV file, use --csv "
                    + "file://path/to/file.csv")
        }
        let rows = try Self.rows(text, skipsInvalid: parsed.flag("skip-invalid"))
        for row in rows {
            let profile = (parsed.text("profile-prefix") ?? "") + row[0]
            try Settings.set("aws_access_key_id", row[1], profile: profile, context)
            try Settings.set("aws_secret_access_key", row[2], profile: profile, context)
        }
        context.write("Successfully imported \(rows.count) profile(s)\n")
        return 0
    }

    /// Name, key and secret of each row.
    private static func rows(_ text: String, skipsInvalid: Bool) throws(CommandFailure) -> [[String]] {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let first = lines.first, !text.allSatisfy(\.isWhitespace) else {
            throw .general("Provided CSV contains no contents")
        }
        let found = fields(first.hasPrefix("\u{FEFF}") ? first.dropFirst() : first).map { $0.lowercased() }
        var places: [Int] = []
        for header in headers {
            guard let place = found.firstIndex(of: header.lowercased()) else {
                throw .general("Expected header \"\(header)\" not found")
            }
            places.append(place)
        }
        var rows: [[String]] = []
        for (number, line) in lines.dropFirst().enumerated() {
            let fields = fields(line)
            let row = places.map { $0 < fields.count ? fields[$0] : "" }
            if let missing = row.firstIndex(of: "") {
                if skipsInvalid { continue }
                throw .general("Failed to parse entry #\(number + 1): Row missing value for header \"\(headers[missing])\"")
            }
            rows.append(row)
        }
        return rows
    }

    private static func fields(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
