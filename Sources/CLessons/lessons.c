// SPDX-License-Identifier: Apache-2.0
#include "CLessons.h"

// One row a lesson below, in the order in which they are taken.
static const unsigned char cloud[] = {
#embed "content/00-cloud-in-five-minutes.md"
};

static const unsigned char users[] = {
#embed "content/01-account-users-and-iam.md"
};

static const unsigned char buckets[] = {
#embed "content/02-regions-and-buckets.md"
};

static const unsigned char notebook[] = {
#embed "content/03-notebook-and-jupyter.md"
};

static const unsigned char lab1[] = {
#embed "content/04-linear-learner.md"
};

static const unsigned char lab2[] = {
#embed "content/05-distributed-training.md"
};

static const unsigned char lab3[] = {
#embed "content/06-bring-your-own.md"
};

static const unsigned char lab4[] = {
#embed "content/07-public-data.md"
};

static const unsigned char sharding[] = {
#embed "content/08-sharded-or-replicated.md"
};

static const unsigned char errors[] = {
#embed "content/09-when-things-go-wrong.md"
};

static const unsigned char cost[] = {
#embed "content/10-cost-and-cleaning-up.md"
};

static const sagebrush_lesson lessons[] = {
    {"00-cloud-in-five-minutes", cloud, sizeof cloud},
    {"01-account-users-and-iam", users, sizeof users},
    {"02-regions-and-buckets", buckets, sizeof buckets},
    {"03-notebook-and-jupyter", notebook, sizeof notebook},
    {"04-linear-learner", lab1, sizeof lab1},
    {"05-distributed-training", lab2, sizeof lab2},
    {"06-bring-your-own", lab3, sizeof lab3},
    {"07-public-data", lab4, sizeof lab4},
    {"08-sharded-or-replicated", sharding, sizeof sharding},
    {"09-when-things-go-wrong", errors, sizeof errors},
    {"10-cost-and-cleaning-up", cost, sizeof cost},
};

size_t sagebrush_lesson_count(void) {
    return sizeof lessons / sizeof lessons[0];
}

sagebrush_lesson sagebrush_lesson_at(size_t index) {
    size_t count = sagebrush_lesson_count();
    return lessons[index < count ? index : count - 1];
}
