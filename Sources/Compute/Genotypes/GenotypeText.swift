// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The genotypes of a line of VCF ("The Variant Call Format Specification", version 4.3, section 1.6).
public enum GenotypeText {
    /// What stands for a genotype of which an allele is not known.
    public static let missing = UInt8(GENOTYPE_MISSING)

    /// Reads a line's fields of samples, separated by tabs, by the fastest kernel.
    ///
    /// Each dosage becomes the number of the sample's alleles that are not the reference's, or ``missing``. Gives the numbers of fields
    /// and of bytes read: fewer than there are of either where a field is no genotype or where there are more or fewer fields.
    public static func read(
        _ text: UnsafeRawBufferPointer, into dosages: UnsafeMutableBufferPointer<UInt8>
    ) -> (fieldCount: Int, byteCount: Int) {
        guard let start = text.baseAddress, let target = dosages.baseAddress else { return (0, 0) }
        var byteCount = 0
        let fieldCount = KernelTable.genotype.dosages(
            start.assumingMemoryBound(to: UInt8.self), text.count, dosages.count, target, &byteCount)
        return (fieldCount, byteCount)
    }
}
