/* SPDX-License-Identifier: MIT
 * Networks by description: "logreg"; "mlp:64-32-16-10", "mlp:32-16" (input and output from the
 * data); "cnn:16p-32p-64", widths of 3 x 3 convolutions with batch normalisation, p where the image
 * is halved after; "resnet:16x3-32x3-64x3", stages of filters x residual blocks;
 * "mobilenet:16x1-24x2-32x3p", filters x inverted residual blocks, p where a stage halves the
 * image; "densenet:12x6-12x12", growth x layers, halved between; "text:64x2", width x attention
 * layers. */
#ifndef LETHE_WORKBENCH_ARCHITECTURE_H
#define LETHE_WORKBENCH_ARCHITECTURE_H

#include "lethe/dataset.h"
#include "lethe/nn.h"
#include "lethe/train.h"

/* What a network is made for. */
struct lethe_samples_shape {
    size_t inputs, classes;         /* 0: there are no data */
    size_t channels, rows, columns; /* of images, else 0 */
    size_t tokens;                  /* rows of the vocabulary of texts, else 0 */
};
struct lethe_samples_shape lethe_samples_shape_of(const struct lethe_dataset *data); /* NULL ok */

/* Widths of an mlp that begin with the inputs or end in the classes are those of the whole network
 * and must fit both; others are hidden layers. activation NULL: tanh; of an mlp only. LETHE_EARG
 * says what is allowed. */
enum lethe_err lethe_architecture_make(struct lethe_graph **graph, const char *description,
                                       const char *activation,
                                       const struct lethe_samples_shape *data,
                                       struct lethe_error *err);
/* What trains such a network unless told otherwise: L-BFGS to a minimum, but SGD where running
 * statistics are to be learnt and Adam for attention. */
enum lethe_train_method lethe_architecture_method(const char *description);
/* "64-32-10", the widths of an mlp; the description of others. */
void lethe_architecture_text(char text[200], const char *description,
                             const struct lethe_graph *graph);

#endif
