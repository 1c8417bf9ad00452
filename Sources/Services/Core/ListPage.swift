// SPDX-License-Identifier: Apache-2.0

import Wire

/// One page of a list that is made anew for each request.
struct ListPage<Element> {
    /// The page's elements, in order.
    var elements: [Element]
    /// What the next page is asked for with; nil at the end.
    var nextToken: String?

    /// The page that begins where `token` says.
    ///
    /// - Parameters:
    ///   - list: what tells this list's tokens from those of others; without blanks.
    ///   - invalid: the service's error for a token that is none of this list.
    /// - Throws: `invalid`.
    init(of all: [Element], token: String?, limit: Int, list: String, invalid: @autoclosure () -> ServiceError) throws {
        var start = 0
        if let token {
            guard let offset = try? PageToken.offset(token, list: list), offset <= all.count else { throw invalid() }
            start = offset
        }
        let end = min(start + max(limit, 1), all.count)
        elements = Array(all[start..<end])
        nextToken = end < all.count ? PageToken.text(offset: end, list: list) : nil
    }
}
