// SPDX-License-Identifier: Apache-2.0

import Foundation
import SampleData
import Services
import World

/// The data in the box as S3 serves it: buckets of another account that anyone may read.
enum PublicData {
    private static let sampleBuckets = SampleData.PublicBuckets.all(regions: Region.all.map(\.name))

    /// The buckets for a new world.
    static var buckets: [PublicDataBucket] {
        sampleBuckets.map { bucket in
            PublicDataBucket(
                name: bucket.name, region: bucket.region,
                objects: bucket.objects.map {
                    Services.PublicObject(key: $0.key, size: $0.byteCount, contentType: $0.contentType, source: $0.key)
                })
        }
    }

    /// What makes the objects' bytes, by key: the same key holds the same bytes in every region.
    static let producers: [String: @Sendable () throws -> [UInt8]] = {
        let objects = SampleData.PublicBuckets.sampleData(region: Region.initial).objects + SampleData.PublicBuckets.genomes.objects
        return Dictionary(objects.map { ($0.key, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    }()
}
