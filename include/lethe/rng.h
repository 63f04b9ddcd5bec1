/* SPDX-License-Identifier: MIT
 * Counter-based random numbers (Philox4x32-10; Salmon et al., SC 2011). A stream is named by
 * (seed, purpose, i, k) and depends on nothing else, so neither threads nor batch size nor the
 * order of work can change what is drawn. */
#ifndef LETHE_RNG_H
#define LETHE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* Every consumer of randomness has its own number; add at the end, never renumber. */
enum lethe_rng_purpose {
    LETHE_RNG_INIT = 1,  /* weight initialisation            i = tensor            */
    LETHE_RNG_SHUFFLE,   /* mini-batch order                 i = epoch             */
    LETHE_RNG_PERTURB,   /* input noise                      i = sample, k = copy  */
    LETHE_RNG_JITTER,    /* L-CODEC jitter                   i = column            */
    LETHE_RNG_TIE,       /* ties between equal distances     i = row, k = row      */
    LETHE_RNG_SPLIT,     /* tune / report halves             i = class             */
    LETHE_RNG_GENERATE,  /* generated forget sets                                  */
    LETHE_RNG_SUBSET,    /* curvature samples, forget subsets                      */
    LETHE_RNG_LABEL,     /* labels drawn from the model      i = sample            */
    LETHE_RNG_NULL,      /* permutations of the null band    i = permutation       */
    LETHE_RNG_STABILITY, /* independent repeats              i = run               */
    LETHE_RNG_DROPOUT,   /* i = step, k = node                                     */
    LETHE_RNG_AUGMENT,   /* flip and crop                    i = step, k = sample  */
    LETHE_RNG_SELECT,    /* the random selector              i = draw              */
    LETHE_RNG_NOISE,     /* certificate noise                i = commit            */
    LETHE_RNG_SHADOW,    /* shadow model halves              i = model             */
    LETHE_RNG_TEST,      /* tests and benchmarks                                   */
    LETHE_RNG_EVAL,      /* halves and splits of attacks     i = group             */
    LETHE_RNG_SKETCH,    /* columns of randomised factors    i = factor            */
    LETHE_RNG_UNLEARN    /* unlearning methods               i = epoch, k = what   */
};

struct lethe_rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    unsigned used; /* words of block already handed out, 4 = none left */
    double spare;  /* second normal of the last pair */
    int has_spare;
};

/* The beginning of the stream (seed, purpose, i, k). */
void lethe_rng_init(struct lethe_rng *rng, uint64_t seed, enum lethe_rng_purpose purpose,
                    uint64_t i, uint64_t k);
/* The next 32 bits. */
uint32_t lethe_rng_u32(struct lethe_rng *rng);
/* The next 64 bits. */
uint64_t lethe_rng_u64(struct lethe_rng *rng);
double lethe_rng_uniform(struct lethe_rng *rng);                 /* [0, 1), 53 bits */
double lethe_rng_normal(struct lethe_rng *rng);                  /* N(0, 1), Box-Muller */
uint64_t lethe_rng_below(struct lethe_rng *rng, uint64_t bound); /* [0, bound), unbiased */
void lethe_rng_shuffle(struct lethe_rng *rng, size_t *items, size_t count); /* Fisher-Yates */

/* A fixed 64-bit mixing of three numbers, for tie breaking without a stream. */
uint64_t lethe_hash3(uint64_t a, uint64_t b, uint64_t c);

#endif
