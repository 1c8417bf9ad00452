// SPDX-License-Identifier: Apache-2.0
#ifndef SAGEBRUSH_SERVICE_MODELS_H
#define SAGEBRUSH_SERVICE_MODELS_H

#include <stddef.h>

// services.model, made by scripts/extract-models.py; the functions' results live as long as the process.
const unsigned char *sagebrush_services_model(size_t *length);
// errata.model, written by hand: what services.model lacks.
const unsigned char *sagebrush_errata_model(size_t *length);
// descriptions.model, written by hand: what things are for, in a line each.
const unsigned char *sagebrush_descriptions_model(size_t *length);
// examples.model, written by hand: a runnable example for each simulated operation.
const unsigned char *sagebrush_examples_model(size_t *length);

#endif
