/* SPDX-License-Identifier: MIT
 * Units by number, and the blanket: an ordered list of units with the parameters they own.
 *
 * Numbers 0 to lethe_unit_count - 1 are the units that can be scored, layer after layer. After them
 * come the groups: trainable tensors that belong to no unit, one number each. A group has no score
 * and is only ever taken whole. From lethe_unit_total on come the single weights, one number for
 * every entry of w: a blanket may consist of them. Written "fc1[33]"; a group is written as its
 * tensor, a weight as its tensor and its place in it, "fc1.weight[33,5]". */
#ifndef LETHE_BLANKET_H
#define LETHE_BLANKET_H

#include "lethe/nn.h"

enum { LETHE_UNIT_NAME = 160 }; /* room for a name, cut to fit */

struct lethe_unit {
    int group;     /* not 0: `index` is the number of a tensor (lethe_graph_param), layer is 0 */
    int weight;    /* not 0: `index` is an entry of w, layer is 0 */
    size_t layer;  /* lethe_graph_layer */
    size_t index;  /* unit within the layer */
    size_t params; /* entries of w it owns */
};

size_t lethe_unit_count(const struct lethe_graph *graph); /* units that can be scored */
size_t lethe_unit_total(const struct lethe_graph *graph); /* and the groups after them */
/* What a number stands for; number is below lethe_unit_total + the size of w. */
struct lethe_unit lethe_unit_at(const struct lethe_graph *graph, size_t number);
/* Number of unit `index` of a layer; both in range. */
size_t lethe_unit_number(const struct lethe_graph *graph, size_t layer, size_t index);
size_t lethe_unit_of_weight(const struct lethe_graph *graph, size_t entry); /* its own number */
/* Entries of w, in the order of lethe_graph_unit_params; room for lethe_unit_at().params. */
void lethe_unit_indices(const struct lethe_graph *graph, size_t number, size_t *indices);
/* name has room for size bytes: LETHE_UNIT_NAME is enough, longer names are cut. */
void lethe_unit_name(char *name, size_t size, const struct lethe_graph *graph, size_t number);
/* Weights are found as "w[1454]", too: by their entry of w. LETHE_EARG names the nearest layer or
 * the range of its units. */
enum lethe_err lethe_unit_find(size_t *number, const struct lethe_graph *graph, const char *name,
                               struct lethe_error *err);

/* Where every entry of w belongs: to the unit or group of that number, at that place among its
 * parameters (a unit's weights in the order of its inputs, then its bias, scale and shift). */
struct lethe_weight_owners {
    size_t size;
    size_t *unit, *place; /* (size) */
};
/* unit and place are new (release). LETHE_ENOMEM only. */
enum lethe_err lethe_weight_owners_init(struct lethe_weight_owners *owners,
                                        const struct lethe_graph *graph, struct lethe_error *err);
void lethe_weight_owners_release(struct lethe_weight_owners *owners); /* zeroed ok */

/* P = index[0 .. offset[k] - 1] are the parameters of the first k units. */
struct lethe_blanket {
    size_t count;
    size_t *units;  /* (count) unit numbers, in order */
    size_t *offset; /* (count + 1) offset[0] = 0 */
    size_t *index;  /* (offset[count]) entries of w */
};

/* units is copied; a repeated or unknown unit, and a weight beside its own unit, are LETHE_EARG. */
enum lethe_err lethe_blanket_init(struct lethe_blanket *blanket, const struct lethe_graph *graph,
                                  const size_t *units, size_t count, struct lethe_error *err);
/* Every unit and every group, in the model's order: P is all of w. */
enum lethe_err lethe_blanket_all(struct lethe_blanket *blanket, const struct lethe_graph *graph,
                                 struct lethe_error *err);
void lethe_blanket_release(struct lethe_blanket *blanket); /* zeroed ok */

#endif
