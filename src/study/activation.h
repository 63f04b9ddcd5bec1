/* SPDX-License-Identifier: MIT
 * Where a network looks: the map of one sample for one class, under several weights. Of a network
 * whose last features are averaged over the image and go to a linear layer it is the class
 * activation map (Zhou et al., CVPR 2016): at every place the sum over features of weight times
 * activation. Else Grad-CAM (Selvaraju et al., ICCV 2017): the features weighted by the mean of
 * the logit's derivative by each, what is below 0 left out. Of texts: derivative times embedding,
 * summed for each token; the sum over the text is the logit's first-order share. */
#ifndef LETHE_STUDY_ACTIVATION_H
#define LETHE_STUDY_ACTIVATION_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

enum { LETHE_ACTIVATION_MODELS = 3 }; /* before, now, retrained */

struct lethe_activation {
    size_t id;
    int heldout, label, class; /* the map is of this class' logit */
    size_t rows, columns;      /* of a map; of texts 1 row, a column for each token place */
    char layer[128];
    const char *method;                    /* "CAM", "Grad-CAM", "gradient times embedding" */
    double *map[LETHE_ACTIVATION_MODELS];  /* (rows, columns); NULL: no such model */
    double share[LETHE_ACTIVATION_MODELS]; /* probability of the class */
    int answer[LETHE_ACTIVATION_MODELS];   /* the class it is taken for */
    double *tokens;                        /* (columns) numbers of the tokens; NULL: an image */
};

struct lethe_activation_spec {
    struct lethe_graph *graph;
    struct lethe_dataset *data; /* training or held-out samples */
    size_t id;
    int heldout;
    const char *layer;                        /* NULL: the last one that is an image */
    long class;                               /* -1: the sample's label */
    const double *w[LETHE_ACTIVATION_MODELS]; /* (size + buffers) each; NULL: none */
};
/* activation is zeroed before and released also after a failure. LETHE_EARG: no such class, layer
 * or map. */
enum lethe_err lethe_activation_make(struct lethe_activation *activation,
                                     const struct lethe_activation_spec *spec,
                                     struct lethe_error *err);
void lethe_activation_release(struct lethe_activation *activation); /* zeroed ok */

#endif
