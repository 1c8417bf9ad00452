// SPDX-License-Identifier: Apache-2.0
#ifndef SAGEBRUSH_MANAGED_POLICIES_H
#define SAGEBRUSH_MANAGED_POLICIES_H

#include <stddef.h>

// managed-policies.tsv, made by scripts/extract-managed-policies.py; the function's result lives as long as the process.
const unsigned char *sagebrush_managed_policies(size_t *length);

#endif
