// SPDX-License-Identifier: Apache-2.0

import Testing
import World

@Suite struct PriceTests {
    @Test func tablesFiguresAreExactAndFollowTheRegion() throws {
        let price = try #require(Price.hour(of: "ml.m4.xlarge", in: "us-east-1"))
        #expect(price == Price(0.28))
        let dearer = try #require(Price.hour(of: "ml.m4.xlarge", in: "eu-west-1"))
        #expect(abs(dearer.dollars - 0.308) < 1e-9)
        #expect(!dearer.isEstimated)
    }

    @Test func missingTypesAreScaledAndSaySo() throws {
        // 36 processors against the 8 of ml.c4.2xlarge.
        let price = try #require(Price.hour(of: "ml.c4.8xlarge", in: "us-east-1"))
        #expect(abs(price.dollars - 0.557 * 4.5) < 1e-9)
        #expect(price.isEstimated)
        #expect(Price.hour(of: "ml.m5.xlarge", in: "me-south-1")?.isEstimated == true)
        #expect(Price.hour(of: "ml.unheard-of.xlarge", in: "us-east-1") == nil)
        #expect(Price.hour(of: "", in: "us-east-1") == nil)
    }
}
