// SPDX-License-Identifier: Apache-2.0

/// An Amazon Resource Name: `arn:partition:service:region:account:resource`.
public struct ARN: Sendable, Hashable, CustomStringConvertible {
    /// `aws`, or the name of a separate cloud.
    public var partition: String
    /// The service's prefix: `s3`, `sagemaker`.
    public var service: String
    /// The region's code.
    public var region: String
    /// The account's ID.
    public var account: String
    /// Everything after the fifth colon: `training-job/x`, `role/service-role/y`, `bucket/key`.
    public var resource: String

    /// Makes one from its parts.
    public init(partition: String = "aws", service: String, region: String = "", account: String = "", resource: String) {
        self.partition = partition
        self.service = service
        self.region = region
        self.account = account
        self.resource = resource
    }

    /// Reads an ARN; nil where `text` is not one.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty, !parts[2].isEmpty, !parts[5].isEmpty else { return nil }
        partition = String(parts[1])
        service = String(parts[2])
        region = String(parts[3])
        account = String(parts[4])
        resource = String(parts[5])
    }

    /// The whole ARN.
    public var description: String {
        "arn:\(partition):\(service):\(region):\(account):\(resource)"
    }

    /// What stands after the first slash of the resource: the name, with its path where there is one.
    public var resourceName: String {
        resource.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init) ?? resource
    }

    /// What stands before the first slash of the resource: `training-job`.
    public var resourceType: String {
        resource.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? resource
    }
}
