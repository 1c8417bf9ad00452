// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Buckets, objects and multipart uploads.
    static let objectStorage = Migration(number: 2, name: "object storage", sql: "")
}
