// SPDX-License-Identifier: Apache-2.0

/// Why a world can't be opened or changed.
///
/// `description` is the text for people.
public enum WorldError: Error, Sendable, CustomStringConvertible {
    case noWorld(path: String)
    case worldExists(path: String)
    case newerWorld(found: Int, known: Int)
    case damagedSetting(name: String, value: String)
    case notAccountID(String)
    case unknownRegion(String)
    case unknownAccount(String)
    case cannotCreateFolder(path: String, reason: String)
    case cannotLaunch(program: String, reason: String)
    case folderIsNotAWorld(path: String)
    case noSnapshot(account: String)
    case bucketTakenElsewhere(name: String)
    case cannotCopy(path: String, reason: String)
    case notAWorldCopy(reason: String)
    case pathTaken(path: String)

    /// The text for people.
    public var description: String {
        switch self {
        case .noWorld(let path): "There is no world at \(path). Make one with: sagebrush world new"
        case .worldExists(let path): "There is already a world at \(path). Empty it with: sagebrush world reset --yes"
        case .newerWorld(let found, let known):
            "This world was written by a later version of Sagebrush (schema \(found); this program knows \(known))."
        case .damagedSetting(let name, let value): "The world's setting \"\(name)\" has a value that makes no sense: \"\(value)\"."
        case .notAccountID(let text): "\"\(text)\" is not an account ID: it must have exactly 12 digits."
        case .unknownRegion(let name):
            "\"\(name)\" is not a region where SageMaker runs. Regions: \(Region.all.map(\.name).joined(separator: ", "))"
        case .unknownAccount(let id): "There is no account \(id) in this world: see account list."
        case .cannotCreateFolder(let path, let reason): "The folder \(path) can't be made: \(reason)"
        case .cannotLaunch(let program, let reason): "\(program) can't be started: \(reason)"
        case .folderIsNotAWorld(let path): "\(path) is not empty and is not a world: choose another folder."
        case .noSnapshot(let account): "No state of the account \(account) was kept: `lesson start NAME` keeps one."
        case .cannotCopy(let path, let reason): "\(path) can't be copied: \(reason)"
        case .notAWorldCopy(let reason): "This is no file that `world export` wrote: \(reason). Nothing was imported."
        case .pathTaken(let path): "There is something at \(path) already: choose another name. Nothing was changed."
        case .bucketTakenElsewhere(let name):
            "Another account has taken the bucket name \(name) since: it has to delete that bucket first. Nothing was changed."
        }
    }
}
