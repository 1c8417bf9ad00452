// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The registry path of an image: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY[:TAG|@DIGEST]`.
public struct ImageReference: Sendable, Hashable {
    /// Of the registry.
    public var account: String
    /// Of the registry.
    public var region: String
    /// The repository's name.
    public var repository: String
    /// `:1`, `@sha256:…`, or empty.
    public var suffix: String

    /// Nil where `text` is no such path.
    public init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let host = text[..<slash].split(separator: ".", omittingEmptySubsequences: false)
        let path = text[text.index(after: slash)...]
        guard host.count == 6 || host.count == 7, host[1] == "dkr", host[2] == "ecr", host[4] == "amazonaws", host[5] == "com",
            host.count == 6 || host[6] == "cn", Account.isAccountID(String(host[0]))
        else { return nil }
        let end = path.firstIndex { $0 == ":" || $0 == "@" } ?? path.endIndex
        let repository = path[..<end]
        guard !repository.isEmpty,
            repository.allSatisfy({ ($0.isASCII && ($0.isLowercase || $0.isNumber)) || "._-/".contains($0) })
        else { return nil }
        account = String(host[0])
        region = String(host[3])
        self.repository = String(repository)
        suffix = String(path[end...])
    }

    /// The accounts that hold the images of the built-in algorithms, as the public SDK lists them.
    private static let builtInAccounts = [
        "us-east-1": "382416733822", "us-east-2": "404615174143", "us-west-2": "174872318107", "eu-west-1": "438346466558",
        "eu-central-1": "664544806723", "ap-northeast-1": "351501993468", "ap-northeast-2": "835164637446",
        "ap-southeast-2": "712309505854",
    ]

    /// The account of the built-in algorithms' images in a region.
    ///
    /// For regions whose account is not known it is that of `us-east-1`.
    public static func builtInAccount(in region: String) -> String {
        builtInAccounts[region] ?? "382416733822"
    }

    /// Whether the image is in the registry of a region's built-in algorithms.
    public func isBuiltIn(in region: String) -> Bool {
        // Where the region's account is not known, any account but a customer's may be it.
        self.region == region && (Self.builtInAccounts[region].map { $0 == account } ?? true)
    }
}

extension Database {
    /// Whether an image is in a registry of this world's, which people push to.
    public func hasRepository(of image: ImageReference) throws -> Bool {
        let scope = Scope(account: image.account, region: image.region)
        return try resource(ImageRepositoryRecord.self, named: image.repository, in: scope) != nil
    }
}

/// The images of SageMaker's own algorithms.
public enum BuiltInImages {
    /// The account that has them in a region.
    public static func account(in region: String) -> String { ImageReference.builtInAccount(in: region) }
}
