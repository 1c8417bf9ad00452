// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// A virtual MFA device: the seed from which an app makes codes.
struct VirtualDeviceRecord: TaggedRecord {
    static let kind = "iam:virtual-mfa"
    static let title = "MFADevice"
    static let identifierMember = "SerialNumber"

    /// With its path.
    var name: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    /// Base 32 (RFC 4648).
    var seed: String
    /// Nil where it is nobody's.
    var userName: String?
    var enableTime: Double?

    static func find(_ serialNumber: String, _ call: Call, in database: Database) throws -> VirtualDeviceRecord {
        guard let device = try database.resource(VirtualDeviceRecord.self, arn: serialNumber) else {
            throw IAMError.noSuchEntity("VirtualMFADevice with serial number \(serialNumber) doesn't exist.")
        }
        return device
    }
}

/// What the operations on MFA devices take.
struct DeviceInput: Decodable, Sendable {
    var userName: String?
    var serialNumber: String?
    var path: String?
    var virtualMFADeviceName: String?
    var assignmentStatus: String?
    var authenticationCode1: String?
    var authenticationCode2: String?
    var tags: [Tag]?
    var marker: String?
    var maxItems: Int?
}

/// Makes a virtual device that is nobody's yet.
enum CreateVirtualMFADevice: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Value {
        let path = input.path ?? "/"
        let name = input.virtualMFADeviceName ?? ""
        guard path == "/" || path.hasPrefix("/") && path.hasSuffix("/") && !path.contains("//") else {
            throw IAMError.validation(
                "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters "
                    + "and/or / characters.")
        }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let record = VirtualDeviceRecord(
            name: path + name, arn: call.iamARN("mfa", path: path, name: name), creationTime: call.now, lastModifiedTime: call.now,
            seed: String((0..<64).map { _ in alphabet[Int.random(in: 0..<32)] }))
        let tags = input.tags ?? []
        try call.world.store.write { database in
            try IAMCheck.tags(tags)
            guard try database.insertResource(record, in: call.globalScope) else {
                throw IAMError.alreadyExists("MFADevice entity at the same path and name already exists.")
            }
            try database.setTags(tags, of: record.arn)
        }
        // An app reads the address from a picture in the real service; the text says the same.
        let address = "otpauth://totp/\(name)@\(call.account)?secret=\(record.seed)&issuer=Amazon%20Web%20Services"
        return [
            "VirtualMFADevice": .members([
                ("SerialNumber", .string(record.arn)), ("Base32StringSeed", .blob(Array(record.seed.utf8))),
                ("QRCodePNG", .blob(Array(address.utf8))), ("Tags", .tags(tags)),
            ])
        ]
    }
}

/// Lists the virtual devices of the account.
enum ListVirtualMFADevices: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Value {
        let values = try call.world.store.read { database in
            try database.resources(VirtualDeviceRecord.self, in: call.globalScope, matching: byCreation()).records
                .filter { device in
                    switch input.assignmentStatus {
                    case "Assigned": device.userName != nil
                    case "Unassigned": device.userName == nil
                    default: true
                    }
                }
                .map { device in
                    let user = try device.userName.flatMap {
                        try database.resource(UserRecord.self, named: $0, in: call.globalScope)
                    }
                    return Value.members([
                        ("SerialNumber", .string(device.arn)),
                        ("User", try user.map { $0.value(tags: try database.tags(of: $0.arn)) }),
                        ("EnableDate", device.enableTime.map { .date($0) }),
                    ])
                }
        }
        if let marker = input.marker, let offset = Int(marker, radix: 36), offset > values.count {
            throw IAMError.validation("Invalid Marker.")
        }
        let page = try IAMPage(of: values, marker: input.marker, maximumCount: input.maxItems)
        return .members([("VirtualMFADevices", .list(page.elements))] + page.endMembers)
    }

    private static func byCreation() -> ResourceQuery {
        var query = ResourceQuery()
        query.sortKey = .creationTime
        return query
    }
}

/// Removes a virtual device that is nobody's.
enum DeleteVirtualMFADevice: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let device = try VirtualDeviceRecord.find(input.serialNumber ?? "", call, in: database)
            if device.userName != nil {
                throw IAMError.deleteConflict("MFA VirtualDevice in use. Must deactivate first.")
            }
            try database.deleteResource(device, in: call.globalScope)
        }
        return Empty()
    }
}

/// Gives a device to a user.
///
/// The codes are not checked: no device of this world makes any.
enum EnableMFADevice: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Empty {
        let serialNumber = input.serialNumber ?? ""
        try call.changeCredentials(of: input.userName) { credentials, user, database in
            if credentials.devices.contains(where: { $0.serialNumber == serialNumber }) {
                throw IAMError.alreadyExists("Device already exists")
            }
            if credentials.devices.count >= 8 { throw IAMError.quota("MfaDevicesPerUser", 8) }
            if var device = try database.resource(VirtualDeviceRecord.self, arn: serialNumber) {
                if device.userName != nil { throw IAMError.alreadyExists("MFA Device is already in use.") }
                device.userName = user.name
                device.enableTime = call.now
                try database.updateResource(device, in: call.globalScope)
            } else if serialNumber.hasPrefix("arn:") {
                throw IAMError.noSuchEntity("VirtualMFADevice with serial number \(serialNumber) doesn't exist.")
            }
            credentials.devices.append(UserCredentials.Device(serialNumber: serialNumber, enableTime: call.now))
        }
        return Empty()
    }
}

/// Takes a device from a user.
enum DeactivateMFADevice: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, _, database in
            let index = try Devices.index(input.serialNumber, in: credentials)
            if var device = try database.resource(VirtualDeviceRecord.self, arn: credentials.devices[index].serialNumber) {
                device.userName = nil
                device.enableTime = nil
                try database.updateResource(device, in: call.globalScope)
            }
            credentials.devices.remove(at: index)
        }
        return Empty()
    }
}

/// Sets a device's clock right, which here it always is.
enum ResyncMFADevice: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Empty {
        let (_, credentials) = try call.credentials(of: input.userName)
        _ = try Devices.index(input.serialNumber, in: credentials)
        return Empty()
    }
}

/// Lists a user's devices.
enum ListMFADevices: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        let page = try IAMPage(of: credentials.devices, marker: input.marker, maximumCount: input.maxItems)
        let values: [Value] = page.elements.map { device in
            [
                "UserName": .string(user), "SerialNumber": .string(device.serialNumber), "EnableDate": .date(device.enableTime),
            ]
        }
        return .members([("MFADevices", .list(values))] + page.endMembers)
    }
}

/// Shows a user's device.
enum GetMFADevice: Operation {
    static func handle(_ input: DeviceInput, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        let device = credentials.devices[try Devices.index(input.serialNumber, in: credentials)]
        return [
            "UserName": .string(user), "SerialNumber": .string(device.serialNumber), "EnableDate": .date(device.enableTime),
        ]
    }
}

private enum Devices {
    static func index(_ serialNumber: String?, in credentials: UserCredentials) throws -> Int {
        guard let index = credentials.devices.firstIndex(where: { $0.serialNumber == serialNumber }) else {
            throw IAMError.noSuchEntity("MFA Device with serial number \(serialNumber ?? "") cannot be found.")
        }
        return index
    }
}
