// SPDX-License-Identifier: Apache-2.0
#include "CSampleData.h"

static const unsigned char f_1000genomes_NOTICE[] = {
#embed "data/1000genomes/NOTICE"
};

static const unsigned char f_1000genomes_chr1_exome_sites_2504_vcf_gz[] = {
#embed "data/1000genomes/chr1.exome-sites.2504.vcf.gz"
};

static const unsigned char f_1000genomes_chr1_exome_sites_2504_vcf_gz_tbi[] = {
#embed "data/1000genomes/chr1.exome-sites.2504.vcf.gz.tbi"
};

static const unsigned char f_1000genomes_chr6_exome_sites_2504_vcf_gz[] = {
#embed "data/1000genomes/chr6.exome-sites.2504.vcf.gz"
};

static const unsigned char f_1000genomes_chr6_exome_sites_2504_vcf_gz_tbi[] = {
#embed "data/1000genomes/chr6.exome-sites.2504.vcf.gz.tbi"
};

static const unsigned char f_1000genomes_chr6_exome_sites_GBR_ASW_CHB_255_vcf_gz[] = {
#embed "data/1000genomes/chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz"
};

static const unsigned char f_1000genomes_chr6_exome_sites_GBR_ASW_CHB_255_vcf_gz_tbi[] = {
#embed "data/1000genomes/chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz.tbi"
};

static const unsigned char f_1000genomes_integrated_call_samples_v3_20130502_ALL_panel[] = {
#embed "data/1000genomes/integrated_call_samples_v3.20130502.ALL.panel"
};

static const unsigned char f_mnist_NOTICE[] = {
#embed "data/mnist/NOTICE"
};

static const unsigned char f_mnist_t10k_images_idx3_ubyte_gz[] = {
#embed "data/mnist/t10k-images-idx3-ubyte.gz"
};

static const unsigned char f_mnist_t10k_labels_idx1_ubyte_gz[] = {
#embed "data/mnist/t10k-labels-idx1-ubyte.gz"
};

static const unsigned char f_mnist_train_images_idx3_ubyte_gz[] = {
#embed "data/mnist/train-images-idx3-ubyte.gz"
};

static const unsigned char f_mnist_train_labels_idx1_ubyte_gz[] = {
#embed "data/mnist/train-labels-idx1-ubyte.gz"
};

static const unsigned char f_optdigits_NOTICE[] = {
#embed "data/optdigits/NOTICE"
};

static const unsigned char f_optdigits_digits_csv_gz[] = {
#embed "data/optdigits/digits.csv.gz"
};

#define FILE_OF(path, array) {path, array, sizeof array}

static const sagebrush_sample_file files[] = {
    FILE_OF("1000genomes/NOTICE", f_1000genomes_NOTICE),
    FILE_OF("1000genomes/chr1.exome-sites.2504.vcf.gz", f_1000genomes_chr1_exome_sites_2504_vcf_gz),
    FILE_OF("1000genomes/chr1.exome-sites.2504.vcf.gz.tbi", f_1000genomes_chr1_exome_sites_2504_vcf_gz_tbi),
    FILE_OF("1000genomes/chr6.exome-sites.2504.vcf.gz", f_1000genomes_chr6_exome_sites_2504_vcf_gz),
    FILE_OF("1000genomes/chr6.exome-sites.2504.vcf.gz.tbi", f_1000genomes_chr6_exome_sites_2504_vcf_gz_tbi),
    FILE_OF("1000genomes/chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz", f_1000genomes_chr6_exome_sites_GBR_ASW_CHB_255_vcf_gz),
    FILE_OF("1000genomes/chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz.tbi", f_1000genomes_chr6_exome_sites_GBR_ASW_CHB_255_vcf_gz_tbi),
    FILE_OF("1000genomes/integrated_call_samples_v3.20130502.ALL.panel", f_1000genomes_integrated_call_samples_v3_20130502_ALL_panel),
    FILE_OF("mnist/NOTICE", f_mnist_NOTICE),
    FILE_OF("mnist/t10k-images-idx3-ubyte.gz", f_mnist_t10k_images_idx3_ubyte_gz),
    FILE_OF("mnist/t10k-labels-idx1-ubyte.gz", f_mnist_t10k_labels_idx1_ubyte_gz),
    FILE_OF("mnist/train-images-idx3-ubyte.gz", f_mnist_train_images_idx3_ubyte_gz),
    FILE_OF("mnist/train-labels-idx1-ubyte.gz", f_mnist_train_labels_idx1_ubyte_gz),
    FILE_OF("optdigits/NOTICE", f_optdigits_NOTICE),
    FILE_OF("optdigits/digits.csv.gz", f_optdigits_digits_csv_gz),
};

size_t sagebrush_sample_file_count(void) { return sizeof files / sizeof files[0]; }

sagebrush_sample_file sagebrush_sample_file_at(size_t index) {
    static const sagebrush_sample_file none = {"", 0, 0};
    return index < sagebrush_sample_file_count() ? files[index] : none;
}
