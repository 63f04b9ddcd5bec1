/* SPDX-License-Identifier: MIT
 * A removal of which only the last layer may move, as a removal from softmax regression on what
 * that layer sees: the same objective (but for the constant `frozen`), gradients, curvature, steps
 * and logits as of the whole network with every other parameter fixed, in double, at the price of
 * the layer. Units and weights have other numbers there; what leaves is numbered as in the network
 * again. */
#ifndef LETHE_REMOVAL_HEAD_SNAPSHOT_H
#define LETHE_REMOVAL_HEAD_SNAPSHOT_H

#include "removal/snapshot.h"
#include "removal/stages.h"

/* The snapshot that a removal works on: the snapshot itself, or, where only the last layer may move
 * (head_only), that layer's. Borrowed, as long as the snapshot lives. The network in front runs
 * over all samples once, unless its store has the features. LETHE_EARG where the network does not
 * end in a linear layer with a bias, and where features do not fit the store's limit. */
enum lethe_err lethe_snapshot_movable(struct lethe_snapshot **movable,
                                      struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                      struct lethe_error *err);
/* Parameters that may move: the last layer's, or all. */
size_t lethe_snapshot_movable_size(const struct lethe_snapshot *snapshot);
/* The layer's, once it was made; NULL: not yet, or everything may move. Borrowed. */
struct lethe_snapshot *lethe_snapshot_head(struct lethe_snapshot *snapshot);
/* Entry of the w of a layer's snapshot for one of the network's; SIZE_MAX: it is not the layer's.
 */
size_t lethe_head_entry(const struct lethe_snapshot *head, size_t entry);
/* w (the network's) gets the layer's weights, or own (the layer's) those among the network's. */
void lethe_head_put(double *w, const double *own, const struct lethe_snapshot *head);
void lethe_head_get(double *own, const double *w, const struct lethe_snapshot *head);
/* The same order with the numbers of the network, or of the layer: new (unref). A target is
 * shared, and stays as it is. */
enum lethe_err lethe_selected_of_network(struct lethe_selected **out,
                                         const struct lethe_selected *in,
                                         const struct lethe_snapshot *snapshot,
                                         struct lethe_error *err);
enum lethe_err lethe_selected_of_head(struct lethe_selected **out, const struct lethe_selected *in,
                                      const struct lethe_snapshot *snapshot,
                                      struct lethe_error *err);
/* A preview of the layer's snapshot, not shared yet, becomes one of the network: its weights, and
 * whose figures stand before. */
enum lethe_err lethe_preview_of_network(struct lethe_preview *preview,
                                        struct lethe_snapshot *snapshot, struct lethe_error *err);

#endif
