// SPDX-License-Identifier: Apache-2.0

/// How much of an operation there is here.
public enum Simulation: Sendable, Hashable {
    /// Does what the service does.
    case real
    /// What is set is kept and shown again; nothing else follows from it.
    case kept
    /// Only its names and types are known.
    case modelledOnly

    /// - Parameter limit: What does not follow from what is kept, in a sentence.
    func sentence(limit: String?) -> String {
        switch self {
        case .real: "Simulated: it does here what it does in the service."
        case .kept: "Kept: what is set is stored and shown again. " + (limit ?? "Nothing runs for it.")
        case .modelledOnly:
            "Not simulated: options are checked and skeletons made, but the answer is the error OperationNotSimulated."
        }
    }
}
