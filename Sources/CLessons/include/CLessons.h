// SPDX-License-Identifier: Apache-2.0
#ifndef CLESSONS_H
#define CLESSONS_H

#include <stddef.h>

/// A lesson's text, part of the executable.
typedef struct {
    /// The file's name without `.md`, such as `02-regions-and-buckets`.
    const char *_Nonnull name;
    const unsigned char *_Nonnull bytes;
    size_t length;
} sagebrush_lesson;

/// The number of lessons.
size_t sagebrush_lesson_count(void);

/// The lesson at `index`, in the order in which they are taken; the last one where there is no such index.
sagebrush_lesson sagebrush_lesson_at(size_t index);

#endif
