/* SPDX-License-Identifier: MIT
 * EKFAC as bytes, to be kept on a disk of this machine: numbers as they are in memory. */
#ifndef LETHE_UNLEARN_EKFAC_PACK_H
#define LETHE_UNLEARN_EKFAC_PACK_H

#include <stddef.h>

#include "lethe/ekfac.h"

/* *data (size) is new. Only of one with bases of its own, not of one without some samples
 * (LETHE_EBUG). */
enum lethe_err lethe_ekfac_pack(unsigned char **data, size_t *size, const struct lethe_ekfac *ekfac,
                                struct lethe_error *err);
/* What lethe_ekfac_new would make for spec, to the bit, when data was packed from that. Whoever
 * kept the bytes knows that they are whole; LETHE_EFORMAT: they are of another network or spec. */
enum lethe_err lethe_ekfac_unpack(struct lethe_ekfac **ekfac, const struct lethe_ekfac_spec *spec,
                                  const unsigned char *data, size_t size, struct lethe_error *err);

#endif
