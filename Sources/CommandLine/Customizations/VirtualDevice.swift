// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

extension OperationCustomization {
    private static let methods = ["QRCodePNG", "Base32StringSeed"]

    /// `iam create-virtual-mfa-device --outfile FILE --bootstrap-method QRCodePNG`: the secret goes to a file, not to the screen.
    static let virtualDevice = OperationCustomization(
        arguments: [
            ArgumentSpecification(option: "--outfile", isRequired: true),
            ArgumentSpecification(option: "--bootstrap-method", isRequired: true, choices: methods),
        ],
        apply: { parsed, files, _ in
            let path = files.expand(parsed.text("outfile") ?? "")
            let folder = (files.environment.absolutePath(path) as NSString).deletingLastPathComponent
            guard FileManager.default.isWritableFile(atPath: folder) else {
                throw CommandFailure.parameter("Unable to write to file: \(path)")
            }
        },
        receive: { output, parsed, environment throws(CommandFailure) in
            guard var device = output["VirtualMFADevice"] else { return }
            let path = ParameterFile(environment: environment).expand(parsed.text("outfile") ?? "")
            if let seed = device[parsed.text("bootstrap-method") ?? ""]?.blobValue {
                let isWritten = FileManager.default.createFile(
                    atPath: environment.absolutePath(path), contents: Data(seed), attributes: [.posixPermissions: 0o600])
                if !isWritten { throw .general("Could not write \(path)") }
            }
            for method in methods { device[method] = nil }
            output["VirtualMFADevice"] = device
        })
}
