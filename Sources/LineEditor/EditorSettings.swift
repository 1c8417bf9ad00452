// SPDX-License-Identifier: Apache-2.0

import CLibEdit
import Foundation

extension LineEditor {
    /// Makes our functions known to libedit and gives them their keys.
    func addKeyFunctions() {
        for function in KeyFunction.all { sagebrush_el_add_function(editor, function.name, function.summary, function.run) }
        bindKeys()
    }

    private func bindKeys() {
        for (keys, function) in KeyFunction.bindings {
            for key in keys where !isVi || !KeyFunction.notInVi.contains(key) { run(["bind", key, function]) }
        }
        guard isVi else { return }
        for (keys, function) in KeyFunction.viInsertBindings { for key in keys { run(["bind", key, function]) } }
        for (keys, function) in KeyFunction.viCommandBindings { for key in keys { run(["bind", "-a", key, function]) } }
    }

    /// Applies the user's settings, whose own keys win over ours.
    ///
    /// A setting that chooses vi's or emacs' keys gives all of them anew: after it our keys are bound again, and then the user's.
    func applySettings(path: String) {
        guard let data = FileManager.default.contents(atPath: path) else { return }
        let settings = String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { words(of: String($0)) }
        for setting in settings { run(setting) }
        guard settings.contains(where: EditorSettings.choosesKeys) else { return }
        bindKeys()
        for setting in settings where !EditorSettings.choosesKeys(setting) { run(setting) }
    }

    /// Runs one line of libedit's own commands (`bind -v`), as in ~/.editrc.
    ///
    /// - Returns: False where libedit does not know it.
    public func applySetting(_ line: String) -> Bool {
        guard let setting = words(of: line), run(setting) else { return false }
        if EditorSettings.choosesKeys(setting) { bindKeys() }
        return true
    }

    /// The words of a line as libedit reads them; nil for a comment, an empty line and an open quote.
    private func words(of line: String) -> [String]? {
        guard !line.trimmingCharacters(in: .whitespaces).hasPrefix("#"), let tokenizer = tok_init(nil) else { return nil }
        defer { tok_end(tokenizer) }
        var count: Int32 = 0
        var words: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        guard tok_str(tokenizer, line, &count, &words) == 0, count > 0, let words else { return nil }
        return (0..<Int(count)).compactMap { words[$0].map { String(cString: $0) } }
    }

    @discardableResult
    private func run(_ words: [String]) -> Bool {
        let copies = words.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var pointers: [UnsafePointer<CChar>?] = copies.map { UnsafePointer($0) } + [nil]
        return el_parse(editor, Int32(words.count), &pointers) == 0
    }
}

enum EditorSettings {
    /// Whether a setting is `bind -v` or `bind -e`, for this program.
    static func choosesKeys(_ words: [String]) -> Bool {
        guard let command = words.first else { return false }
        return (command == "bind" || command.hasSuffix(":bind")) && (words.contains("-v") || words.contains("-e"))
    }
}
