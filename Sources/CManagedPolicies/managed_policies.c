// SPDX-License-Identifier: Apache-2.0
#include "CManagedPolicies.h"

static const unsigned char policies[] = {
#embed "managed-policies.tsv"
};

const unsigned char *sagebrush_managed_policies(size_t *length) {
    *length = sizeof policies;
    return policies;
}
