// SPDX-License-Identifier: Apache-2.0
//
// The sample data's bytes, inside the executable: it finds them wherever it is copied.

#ifndef SAGEBRUSH_SAMPLE_DATA_H
#define SAGEBRUSH_SAMPLE_DATA_H

#include <stddef.h>

/// A file: its path below data/, its bytes.
typedef struct {
    const char *path;
    const unsigned char *bytes;
    size_t length;
} sagebrush_sample_file;

/// The number of files.
size_t sagebrush_sample_file_count(void);

/// The file of a number below the count.
sagebrush_sample_file sagebrush_sample_file_at(size_t index);

#endif
