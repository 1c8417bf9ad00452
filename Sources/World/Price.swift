// SPDX-License-Identifier: Apache-2.0

/// What something costs in the real service, in US dollars.
///
/// Nothing is charged here: prices make people switch machines off. Figures are those of public tables of 2023 to 2026, on demand,
/// us-east-1; those that no table has are scaled from the same family and say so.
public struct Price: Sendable, Hashable {
    /// US dollars for the unit: an hour of a machine, a month of a gigabyte.
    public var dollars: Double
    /// Whether no public table has the figure.
    public var isEstimated: Bool

    /// Makes one from its parts.
    public init(_ dollars: Double, isEstimated: Bool = false) {
        self.dollars = dollars
        self.isEstimated = isEstimated
    }

    /// The price of an hour of one machine, the same for notebooks, training and hosting; nil for a family that no table has.
    ///
    /// - Parameter instanceType: `ml.m4.xlarge`.
    public static func hour(of instanceType: String, in region: String) -> Price? {
        guard var price = hours[instanceType].map({ Price($0) }) ?? scaled(instanceType) else { return nil }
        let ratio = ratios[region]
        price.dollars *= ratio ?? 1
        price.isEstimated = price.isEstimated || ratio == nil
        return price
    }

    /// The price of a gigabyte of S3 standard storage for a month, for the first 50 terabytes.
    public static let storageGigabyteMonth = Price(0.023, isEstimated: true)

    /// The price of a gigabyte of a notebook instance's disk for a month, whether the instance runs or not.
    public static let volumeGigabyteMonth = Price(0.14, isEstimated: true)

    /// The price of a gigabyte for a month in one of S3's storage classes.
    public static func gigabyteMonth(inClass storageClass: String) -> Price {
        Price(classes[storageClass] ?? storageGigabyteMonth.dollars, isEstimated: true)
    }

    /// The price of one request to S3.
    public static func request(_ kind: RequestCount.Kind) -> Price {
        Price(kind == .write ? 0.005 / 1000 : 0.0004 / 1000, isEstimated: true)
    }

    /// The price where things cost what they do in `region`.
    public func inRegion(_ region: String) -> Price {
        Price(dollars * (Self.ratios[region] ?? 1), isEstimated: isEstimated || Self.ratios[region] == nil)
    }

    private static let classes: [String: Double] = [
        "STANDARD_IA": 0.0125, "ONEZONE_IA": 0.01, "GLACIER_IR": 0.004, "GLACIER": 0.0036, "DEEP_ARCHIVE": 0.00099,
        "REDUCED_REDUNDANCY": 0.024,
    ]

    private static let hours: [String: Double] = [
        "ml.t2.medium": 0.065, "ml.t2.large": 0.130, "ml.t2.xlarge": 0.260,
        "ml.t3.medium": 0.058, "ml.t3.large": 0.117, "ml.t3.xlarge": 0.233, "ml.t3.2xlarge": 0.466,
        "ml.m4.xlarge": 0.28, "ml.m4.2xlarge": 0.56, "ml.m4.4xlarge": 1.12,
        "ml.m5.large": 0.134, "ml.m5.xlarge": 0.269, "ml.m5.2xlarge": 0.538, "ml.m5.4xlarge": 1.075, "ml.m5.12xlarge": 3.226,
        "ml.m5.24xlarge": 6.451,
        "ml.c4.xlarge": 0.279, "ml.c4.2xlarge": 0.557,
        "ml.c5.xlarge": 0.238, "ml.c5.2xlarge": 0.476, "ml.c5.4xlarge": 0.952, "ml.c5.9xlarge": 2.142,
        "ml.p2.xlarge": 1.26, "ml.p3.2xlarge": 4.284, "ml.g4dn.xlarge": 0.736, "ml.g4dn.2xlarge": 1.053, "ml.g5.xlarge": 1.408,
    ]

    /// Regions against us-east-1, as a public table has them.
    private static let ratios: [String: Double] = [
        "us-east-1": 1, "us-east-2": 1, "us-west-2": 1, "us-west-1": 1.16, "ca-central-1": 1.10, "eu-west-1": 1.10,
        "eu-west-2": 1.16, "eu-west-3": 1.17, "eu-central-1": 1.15, "eu-north-1": 1.12, "ap-south-1": 0.92,
        "ap-southeast-1": 1.15, "ap-southeast-2": 1.16, "ap-northeast-1": 1.30, "ap-northeast-2": 1.15, "sa-east-1": 1.45,
    ]

    /// Machines whose size does not tell their processors.
    private static let processors = ["ml.c4.8xlarge": 36, "ml.m4.10xlarge": 40, "ml.p2.xlarge": 4, "ml.p3.2xlarge": 8]

    /// The price of the family's dearest known machine, by processors.
    private static func scaled(_ instanceType: String) -> Price? {
        let family = instanceType.split(separator: ".").dropLast().joined(separator: ".") + "."
        let known = hours.filter { $0.key.hasPrefix(family) }.max { $0.value < $1.value }
        guard let known, let target = processorCount(instanceType), let source = processorCount(known.key) else { return nil }
        return Price(known.value * Double(target) / Double(source), isEstimated: true)
    }

    private static func processorCount(_ instanceType: String) -> Int? {
        if let count = processors[instanceType] { return count }
        guard let size = instanceType.split(separator: ".").last else { return nil }
        switch size {
        case "medium", "large": return 2
        case "xlarge": return 4
        default: return size.hasSuffix("xlarge") ? Int(size.dropLast(6)).map { $0 * 4 } : nil
        }
    }
}
