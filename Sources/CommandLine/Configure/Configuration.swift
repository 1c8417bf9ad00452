// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The settings of the configuration and credentials files, profile by profile.
///
/// The format is the AWS command's: `[default]` and `[profile NAME]` in the configuration file, `[NAME]` in the
/// credentials file, `key = value`, indented lines below an empty value as that value's own settings.
public struct Configuration: Sendable {
    /// Settings by profile, then by key; nested settings as `s3.max_concurrent_requests`.
    public private(set) var profiles: [String: [String: String]] = [:]
    /// The profiles' names in the order of the files.
    public private(set) var profileNames: [String] = []
    /// The profile that this command uses.
    public let profileName: String
    /// The configuration file.
    public let configurationPath: String
    /// The credentials file.
    public let credentialsPath: String
    private(set) var credentialProfiles: Set<String> = []

    /// Reads both files where they are there.
    ///
    /// - Parameter profile: `--profile`.
    public init(environment: CommandEnvironment, profile: String?) {
        let folder = environment.configurationFolder
        configurationPath = environment.absolutePath(environment.variables["AWS_CONFIG_FILE"] ?? "\(folder)/config")
        credentialsPath = environment.absolutePath(
            environment.variables["AWS_SHARED_CREDENTIALS_FILE"] ?? "\(folder)/credentials")
        profileName =
            profile ?? nonEmpty(environment.variables["AWS_PROFILE"]) ?? nonEmpty(environment.variables["AWS_DEFAULT_PROFILE"])
            ?? "default"
        read(configurationPath) { section in
            if section == "default" { return section }
            guard section.hasPrefix("profile ") else { return nil }
            return ConfigurationFile.unquoted(section.dropFirst(8).trimmingCharacters(in: .whitespaces))
        }
        read(credentialsPath) { $0 }
        if let data = FileManager.default.contents(atPath: credentialsPath) {
            credentialProfiles = Set(ConfigurationFile(String(decoding: data, as: UTF8.self)).sections.map(\.name))
        }
    }

    private mutating func read(_ path: String, _ profile: (String) -> String?) {
        guard let data = FileManager.default.contents(atPath: path) else { return }
        for section in ConfigurationFile(String(decoding: data, as: UTF8.self)).sections {
            guard let name = profile(section.name) else { continue }
            if profiles[name] == nil { profileNames.append(name) }
            profiles[name, default: [:]].merge(section.settings) { _, new in new }
        }
    }

    /// A setting of the profile in use; an empty one says nothing.
    public func value(_ key: String) -> String? { nonEmpty(profiles[profileName]?[key]) }

    /// True where the profile in use is there, or is the default that needs not be.
    public var isProfileKnown: Bool { profileName == "default" || profiles[profileName] != nil }
}

/// The text if there is any.
func nonEmpty(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return text
}

/// One file of settings, read, and changed without touching what is not asked for.
struct ConfigurationFile {
    struct Section {
        var name: String
        var settings: [String: String]
    }

    private var lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
        }
        if lines.last == "" { lines.removeLast() }
    }

    var text: String { lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n" }

    var sections: [Section] {
        var sections: [Section] = []
        var parent = ""
        for line in lines {
            if let name = Self.sectionName(line) {
                sections.append(Section(name: name, settings: [:]))
                parent = ""
                continue
            }
            guard let (key, value) = Self.setting(line), !sections.isEmpty else { continue }
            let isNested = line.first == " " || line.first == "\t"
            if isNested, !parent.isEmpty {
                sections[sections.count - 1].settings[parent] = nil
                sections[sections.count - 1].settings["\(parent).\(key)"] = value
            } else {
                parent = value.isEmpty ? key : ""
                sections[sections.count - 1].settings[key] = value
            }
        }
        return sections
    }

    /// Sets one key of a section, in place where it is there already; a new section goes to the end.
    mutating func set(_ key: String, _ value: String, section: String) {
        let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
        guard let header = lines.firstIndex(where: { Self.sectionName($0).map(Self.plain) == Self.plain(section) }) else {
            lines.append("[\(section)]")
            lines += parts.count == 2 ? ["\(parts[0]) =", "    \(parts[1]) = \(value)"] : ["\(key) = \(value)"]
            return
        }
        var end = header + 1
        while end < lines.count, Self.sectionName(lines[end]) == nil { end += 1 }
        if parts.count == 2 {
            setNested(parts[0], parts[1], value, header + 1..<end)
            return
        }
        for index in header + 1..<end where !Self.isIndented(lines[index]) && Self.setting(lines[index])?.key == key {
            lines[index] = "\(key) = \(value)"
            return
        }
        lines.insert("\(key) = \(value)", at: lastSetting(in: header + 1..<end) ?? header + 1)
    }

    private mutating func setNested(_ parent: String, _ key: String, _ value: String, _ range: Range<Int>) {
        guard let start = range.first(where: { !Self.isIndented(lines[$0]) && Self.setting(lines[$0])?.key == parent }) else {
            lines.insert(contentsOf: ["\(parent) =", "    \(key) = \(value)"], at: lastSetting(in: range) ?? range.lowerBound)
            return
        }
        var index = start + 1
        while index < range.upperBound, Self.isIndented(lines[index]) {
            if Self.setting(lines[index])?.key == key {
                lines[index] = "    \(key) = \(value)"
                return
            }
            index += 1
        }
        lines.insert("    \(key) = \(value)", at: index)
    }

    /// The place after the last line with a setting.
    private func lastSetting(in range: Range<Int>) -> Int? {
        range.last { Self.setting(lines[$0]) != nil }.map { $0 + 1 }
    }

    private static func isIndented(_ line: String) -> Bool { line.first == " " || line.first == "\t" }

    private static func sectionName(_ line: String) -> String? {
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        guard trimmed.hasPrefix("["), let end = trimmed.firstIndex(of: "]") else { return nil }
        return trimmed[trimmed.index(after: trimmed.startIndex)..<end].trimmingCharacters(in: .whitespaces)
    }

    /// A section's name without the quotes that a profile's name with blanks has.
    private static func plain(_ section: String) -> String {
        section.hasPrefix("profile ") ? "profile " + unquoted(String(section.dropFirst(8))) : section
    }

    static func unquoted(_ name: String) -> String {
        guard name.count >= 2, let first = name.first, first == "'" || first == "\"", name.last == first else { return name }
        return String(name.dropFirst().dropLast())
    }

    private static func setting(_ line: String) -> (key: String, value: String)? {
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        guard !trimmed.hasPrefix("#"), !trimmed.hasPrefix(";"), let equals = trimmed.firstIndex(of: "=") else { return nil }
        let key = trimmed[..<equals].trimmingCharacters(in: .whitespaces)
        return key.isEmpty ? nil : (key, trimmed[trimmed.index(after: equals)...].trimmingCharacters(in: .whitespaces))
    }
}
