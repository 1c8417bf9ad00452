// SPDX-License-Identifier: Apache-2.0

import GRDB
import World

/// A bucket of public data that a new world has.
public struct PublicDataBucket: Sendable {
    /// The bucket's name.
    public var name: String
    /// The code of the region that it is in.
    public var region: String
    /// Its objects.
    public var objects: [PublicObject]

    /// Makes one from its parts.
    public init(name: String, region: String, objects: [PublicObject]) {
        self.name = name
        self.region = region
        self.objects = objects
    }
}

/// What a new or emptied world is filled with.
public enum WorldBootstrap {
    /// The first account with its administrator, and public data that another account owns.
    public static func make(
        publicData buckets: @escaping @Sendable () -> [PublicDataBucket] = { [] }
    ) -> World.Bootstrap {
        { database, now in
            try Account(id: Account.initialID, creationTime: now).insert(in: database)
            try IAMBootstrap.create(account: Account.initialID, in: database, now: now)
            try Account(id: Account.publicDataID, alias: "public-data", creationTime: now + 0.001).insert(in: database)
            for bucket in buckets() {
                try S3Bootstrap.createPublicBucket(
                    named: bucket.name, region: bucket.region, owner: Account.publicDataID, objects: bucket.objects, now: now,
                    in: database)
            }
        }
    }
}
