// SPDX-License-Identifier: Apache-2.0
#include "CServiceModels.h"

static const unsigned char services[] = {
#embed "services.model"
};

static const unsigned char errata[] = {
#embed "errata.model"
};

static const unsigned char descriptions[] = {
#embed "descriptions.model"
};

static const unsigned char examples[] = {
#embed "examples.model"
};

const unsigned char *sagebrush_services_model(size_t *length) {
    *length = sizeof services;
    return services;
}

const unsigned char *sagebrush_errata_model(size_t *length) {
    *length = sizeof errata;
    return errata;
}

const unsigned char *sagebrush_descriptions_model(size_t *length) {
    *length = sizeof descriptions;
    return descriptions;
}

const unsigned char *sagebrush_examples_model(size_t *length) {
    *length = sizeof examples;
    return examples;
}
