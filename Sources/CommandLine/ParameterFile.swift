// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Values that are named by a file: `file://text.json`, `fileb://bytes.bin`, and the paths of streamed bodies.
struct ParameterFile: Sendable {
    let environment: CommandEnvironment

    /// The content of the file that `text` names; nil where it names none.
    func load(_ text: String) throws(CommandFailure) -> Value? {
        let isBinary = text.hasPrefix("fileb://")
        guard isBinary || text.hasPrefix("file://") else { return nil }
        let path = expand(String(text.dropFirst(isBinary ? 8 : 7)))
        let bytes: [UInt8]
        switch path.isEmpty ? .failure(FileReading.Failure(number: ENOENT)) : FileReading.read(environment.absolutePath(path)) {
        case .success(let content): bytes = content
        case .failure(let error): throw .general("Unable to load paramfile \(text): \(error.pythonText(path))")
        }
        if isBinary { return .blob(bytes) }
        guard let content = String(validating: bytes, as: UTF8.self) else {
            throw .general(
                "Unable to load paramfile (\(path)), text contents could not be decoded.  If this is a binary file, please use "
                    + "the fileb:// prefix instead of the file:// prefix.")
        }
        return .string(content.contains("\r") ? content.replacingAll("\r\n", with: "\n") : content)
    }

    /// The text that an option's word is, or names.
    func text(_ word: String, option: String) throws(CommandFailure) -> String {
        do throws(CommandFailure) {
            guard let loaded = try load(word) else { return word }
            return loaded.stringValue ?? String(decoding: loaded.blobValue ?? [], as: UTF8.self)
        } catch {
            throw .parameter("Error parsing parameter '--\(option)': \(error.text)")
        }
    }

    /// A path with `~` at its start, and `$NAME` and `${NAME}` anywhere, replaced; unknown names stay.
    func expand(_ path: String) -> String {
        var rest = Substring(path)
        if rest == "~" || rest.hasPrefix("~/"), let home = environment.variables["HOME"] {
            rest = Substring(home + rest.dropFirst())
        }
        var expanded = ""
        while let dollar = rest.firstIndex(of: "$") {
            expanded += rest[..<dollar]
            rest = rest[dollar...]
            let after = rest.dropFirst()
            let isBraced = after.first == "{"
            let name = (isBraced ? after.dropFirst() : after).prefix {
                isBraced ? $0 != "}" : $0.isLetter || $0.isNumber || $0 == "_"
            }
            let length = 1 + name.count + (isBraced ? 2 : 0)
            if let value = environment.variables[String(name)], !name.isEmpty {
                expanded += value
                rest = rest.dropFirst(length)
            } else {
                expanded += "$"
                rest = after
            }
        }
        return expanded + rest
    }

    /// The file of a streamed body; nil where there is none.
    func body(_ path: String) throws(CommandFailure) -> Body? {
        let absolute = environment.absolutePath(expand(path))
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isFolder), !isFolder.boolValue else {
            return nil
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: absolute)
        if attributes?[.type] as? FileAttributeType == .typeRegular, let length = attributes?[.size] as? Int {
            return Body(path: absolute, offset: 0, length: length)
        }
        // A pipe or device: its length shows when it has been read.
        switch FileReading.read(absolute) {
        case .success(let bytes): return Body(bytes: bytes)
        case .failure(let error): throw .general(error.pythonText(path))
        }
    }
}

/// Reading and writing whole files with the operating system's own reasons for failures.
enum FileReading {
    struct Failure: Error {
        var number: Int32

        /// `[Errno 2] No such file or directory: 'x'`.
        func pythonText(_ path: String) -> String {
            "[Errno \(number)] \(String(cString: strerror(number))): '\(path)'"
        }
    }

    static func read(_ path: String) -> Result<[UInt8], Failure> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(Failure(number: errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = piece.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(Failure(number: errno)) }
            if count == 0 { return .success(bytes) }
            bytes.append(contentsOf: piece[..<count])
        }
    }
}
