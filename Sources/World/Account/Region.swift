// SPDX-License-Identifier: Apache-2.0

/// A region where SageMaker runs.
///
/// Facts from botocore's endpoints table (Apache-2.0).
public struct Region: Sendable, Hashable {
    /// The code: `us-east-1`.
    public var name: String
    /// The console's name: `US East (N. Virginia)`.
    public var title: String

    /// The region with that code; nil where there is none.
    public static func named(_ name: String) -> Region? {
        all.first { $0.name == name }
    }

    /// The four regions that the workshop recommends: Northern Virginia, Oregon, Ohio, Ireland.
    public static let recommended = ["us-east-1", "us-west-2", "us-east-2", "eu-west-1"]

    /// The region that a new world's shell stands in.
    public static let initial = "us-east-1"

    /// All regions, by code.
    public static let all: [Region] = [
        Region(name: "af-south-1", title: "Africa (Cape Town)"),
        Region(name: "ap-east-1", title: "Asia Pacific (Hong Kong)"),
        Region(name: "ap-east-2", title: "Asia Pacific (Taipei)"),
        Region(name: "ap-northeast-1", title: "Asia Pacific (Tokyo)"),
        Region(name: "ap-northeast-2", title: "Asia Pacific (Seoul)"),
        Region(name: "ap-northeast-3", title: "Asia Pacific (Osaka)"),
        Region(name: "ap-south-1", title: "Asia Pacific (Mumbai)"),
        Region(name: "ap-south-2", title: "Asia Pacific (Hyderabad)"),
        Region(name: "ap-southeast-1", title: "Asia Pacific (Singapore)"),
        Region(name: "ap-southeast-2", title: "Asia Pacific (Sydney)"),
        Region(name: "ap-southeast-3", title: "Asia Pacific (Jakarta)"),
        Region(name: "ap-southeast-4", title: "Asia Pacific (Melbourne)"),
        Region(name: "ap-southeast-5", title: "Asia Pacific (Malaysia)"),
        Region(name: "ap-southeast-6", title: "Asia Pacific (New Zealand)"),
        Region(name: "ap-southeast-7", title: "Asia Pacific (Thailand)"),
        Region(name: "ca-central-1", title: "Canada (Central)"),
        Region(name: "ca-west-1", title: "Canada West (Calgary)"),
        Region(name: "eu-central-1", title: "Europe (Frankfurt)"),
        Region(name: "eu-central-2", title: "Europe (Zurich)"),
        Region(name: "eu-north-1", title: "Europe (Stockholm)"),
        Region(name: "eu-south-1", title: "Europe (Milan)"),
        Region(name: "eu-south-2", title: "Europe (Spain)"),
        Region(name: "eu-west-1", title: "Europe (Ireland)"),
        Region(name: "eu-west-2", title: "Europe (London)"),
        Region(name: "eu-west-3", title: "Europe (Paris)"),
        Region(name: "il-central-1", title: "Israel (Tel Aviv)"),
        Region(name: "me-central-1", title: "Middle East (UAE)"),
        Region(name: "me-south-1", title: "Middle East (Bahrain)"),
        Region(name: "mx-central-1", title: "Mexico (Central)"),
        Region(name: "sa-east-1", title: "South America (Sao Paulo)"),
        Region(name: "us-east-1", title: "US East (N. Virginia)"),
        Region(name: "us-east-2", title: "US East (Ohio)"),
        Region(name: "us-west-1", title: "US West (N. California)"),
        Region(name: "us-west-2", title: "US West (Oregon)"),
    ]
}
