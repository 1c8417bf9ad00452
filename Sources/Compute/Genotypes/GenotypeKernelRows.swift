// SPDX-License-Identifier: Apache-2.0

import CKernels

extension KernelVersion {
    /// The genotype kernel of this version.
    var genotype: GenotypeKernelSet { genotypeKernels(set.pointee.name).pointee }
}

extension KernelTable {
    /// The genotype kernel of the fastest version.
    static let genotype = genotypeKernels(best.name).pointee
}

extension KernelRow {
    private static let samples = 2504

    /// The genotype kernel, on lines such as a phased panel has, and on one whose fields have all forms.
    static let genotypeRows: [KernelRow] = [
        genotypeRow("genotypes of VCF, two alleles") { random in
            ["0", "1"][random.below(2)] + ["/", "|"][random.below(2)] + ["0", "1"][random.below(2)]
        },
        genotypeRow("genotypes of VCF, all forms") { random in
            switch random.below(80) {
            case 0: "./."
            case 1: "."
            case 2: "1"
            case 3: "2|10"
            case 4: "0/1:12,3:99"
            case 5: "1/1/0/1"
            case 6: "0|.:."
            default: ["0|0", "0|1", "1|0", "1|1"][random.below(4)]
            }
        },
    ]

    /// A run over a line, a line that breaks off, and a line that holds something else.
    private static func genotypeRow(_ name: String, field: @escaping @Sendable (inout Random) -> String) -> KernelRow {
        KernelRow(name: name, operationCount: 0, byteCount: 3 * 5 * samples, tolerance: 0) { seed in
            var random = Random(seed: seed)
            let fields = (0..<samples).map { _ in field(&random) }
            var broken = fields
            broken[random.below(samples)] = ["", "x", "0/", "0//1", "0/1 "][random.below(5)]
            let texts = [fields, Array(fields.prefix(samples - 1 - random.below(40))), broken].map {
                Array($0.joined(separator: "\t").utf8)
            }
            return { version in
                texts.flatMap { text -> [Float] in
                    var dosages = [UInt8](repeating: 7, count: samples)
                    var byteCount = 0
                    let count = version.genotype.dosages(text, text.count, samples, &dosages, &byteCount)
                    return dosages.map { Float($0) } + [Float(count), Float(byteCount)]
                }
            }
        }
    }
}
