/* SPDX-License-Identifier: MIT
 * Parsing descriptions of networks. */
#include "workbench/architecture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 }; /* widths of one network */

static enum lethe_err refuse(const char *description, struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EARG,
                      "model '%s': logreg, mlp:32-16 (widths), cnn:16p-32p-64 (filters, p halves "
                      "the image), resnet:16x3-32x3 (filters x blocks), mobilenet:16x1-24x2p (p "
                      "halves), densenet:12x6-12x6 (growth x layers) or text:64x2 (width x "
                      "layers); 1 to %d parts between dashes, numbers from 1",
                      description, MOST);
}

static enum lethe_err needs_data(const char *description, struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EARG,
                      "model '%s' needs data to know its inputs and classes: 'data PATH' first",
                      description);
}

static int read_widths(size_t widths[MOST], size_t *count, const char *text)
{
    for (*count = 0; *count < MOST; text++) {
        char *end;
        unsigned long width = strtoul(text, &end, 10);
        if (end == text || *text == '-' || *text == '+' || width < 1 || width > 1000000)
            return 0;
        widths[(*count)++] = width;
        if (!*end)
            return 1;
        if (*end != '-')
            return 0;
        text = end;
    }
    return 0;
}

/* Widths that begin with the data's inputs or end in its classes are those of the whole network,
 * and must then do both; others are those of the hidden layers. */
static enum lethe_err complete(size_t widths[MOST + 2], size_t *count, size_t inputs,
                               size_t classes, const char *description, struct lethe_error *err)
{
    const size_t n = *count, last = n ? widths[n - 1] : 0;
    int begins = n >= 2 && widths[0] == inputs, ends = n >= 2 && last == classes;
    if (begins && ends)
        return LETHE_OK;
    if (begins)
        return lethe_fail(err, LETHE_EARG, "model '%s' ends in %zu, the data has %zu classes",
                          description, last, classes);
    if (ends)
        return lethe_fail(err, LETHE_EARG,
                          "model '%s' ends in the data's %zu classes but begins with %zu, the data "
                          "has %zu inputs: write mlp:%zu-%s, or with all of them as hidden layers "
                          "mlp:%zu-%s-%zu",
                          description, classes, widths[0], inputs, inputs,
                          strchr(description, '-') + 1, inputs, description + 4, classes);
    memmove(widths + 1, widths, n * sizeof *widths);
    widths[0] = inputs;
    widths[n + 1] = classes;
    *count = n + 2;
    return LETHE_OK;
}

/* A number from 1 at *text, which moves behind it; 0: there is none. */
static size_t read_number(const char **text)
{
    char *end;
    const char *from = *text;
    const unsigned long number = strtoul(from, &end, 10);
    if (end == from || *from == '-' || *from == '+' || *from == ' ' || number > 1000000)
        return 0;
    *text = end;
    return number;
}

/* The networks of convolutions: their names, and whether a part has blocks and may halve. */
static const struct convolutional {
    const char *name;
    enum lethe_cnn_kind kind;
    int stages, halves;
} convolutional[] = {{"cnn:", LETHE_CNN_PLAIN, 0, 1},
                     {"resnet:", LETHE_CNN_PLAIN, 1, 0},
                     {"mobilenet:", LETHE_CNN_INVERTED, 1, 1},
                     {"densenet:", LETHE_CNN_DENSE, 1, 0}};

static const struct convolutional *convolutional_of(const char *description)
{
    for (size_t i = 0; i < sizeof convolutional / sizeof *convolutional; i++)
        if (!strncmp(description, convolutional[i].name, strlen(convolutional[i].name)))
            return &convolutional[i];
    return NULL;
}

/* "16p-32p-64" or, with stages, "16x3-32x3", "16x1-24x2p". */
static int read_layers(struct lethe_cnn_layer layers[MOST], size_t *depth, const char *text,
                       const struct convolutional *form)
{
    for (*depth = 0; *depth < MOST; text++) {
        struct lethe_cnn_layer *layer = &layers[(*depth)++];
        *layer = (struct lethe_cnn_layer){.filters = read_number(&text)};
        if (!layer->filters || (form->stages && *text != 'x'))
            return 0;
        if (form->stages) {
            text++;
            layer->blocks = read_number(&text);
            if (!layer->blocks)
                return 0;
        }
        if (form->halves && *text == 'p') {
            layer->pools = 1;
            text++;
        }
        if (!*text)
            return 1;
        if (*text != '-')
            return 0;
    }
    return 0;
}

static enum lethe_err make_cnn(struct lethe_graph **graph, const char *description,
                               const struct convolutional *form,
                               const struct lethe_samples_shape *data, struct lethe_error *err)
{
    struct lethe_cnn_layer layers[MOST];
    struct lethe_cnn cnn = {.channels = data->channels,
                            .rows = data->rows,
                            .columns = data->columns,
                            .classes = data->classes,
                            .layers = layers,
                            .kind = form->kind};
    if (!read_layers(layers, &cnn.depth, strchr(description, ':') + 1, form))
        return refuse(description, err);
    if (!data->rows)
        return lethe_fail(err, LETHE_EARG,
                          "model '%s' is for images; the data have %zu values in a row: say their "
                          "shape ('shape' in 'normalize', shape=CHANNELSxROWSxCOLUMNS)",
                          description, data->inputs);
    return lethe_graph_cnn(graph, &cnn, err);
}

/* Heads 16 wide, as many as fit. */
static enum lethe_err make_text(struct lethe_graph **graph, const char *description,
                                const struct lethe_samples_shape *data, struct lethe_error *err)
{
    const char *at = description + 5;
    struct lethe_text_net net = {
        .tokens = data->tokens, .length = data->inputs, .classes = data->classes};
    net.width = read_number(&at);
    if (*at != 'x')
        return refuse(description, err);
    at++;
    net.layers = read_number(&at);
    if (*at || !net.width || !net.layers)
        return refuse(description, err);
    if (!data->tokens)
        return lethe_fail(err, LETHE_EARG,
                          "model '%s' is for texts: the data have no vocabulary ('vocabulary' and "
                          "'length' in 'text')",
                          description);
    net.heads = net.width / 16 ? net.width / 16 : 1;
    while (net.width % net.heads)
        net.heads--;
    return lethe_graph_text(graph, &net, err);
}

static enum lethe_err make_mlp(struct lethe_graph **graph, const char *description,
                               const char *activation, const struct lethe_samples_shape *data,
                               struct lethe_error *err)
{
    size_t widths[MOST + 2], count = 0;
    enum lethe_err code = LETHE_OK;
    if (!strncmp(description, "mlp:", 4)) {
        if (!read_widths(widths, &count, description + 4))
            return refuse(description, err);
    } else if (strcmp(description, "logreg") != 0) {
        return refuse(description, err);
    }
    if (!data->inputs && count < 2)
        return needs_data(description, err);
    if (data->inputs)
        code = complete(widths, &count, data->inputs, data->classes, description, err);
    return code ? code
                : lethe_graph_mlp(graph, widths, count, activation ? activation : "tanh", err);
}

enum lethe_err lethe_architecture_make(struct lethe_graph **graph, const char *description,
                                       const char *activation,
                                       const struct lethe_samples_shape *data,
                                       struct lethe_error *err)
{
    const struct convolutional *form = convolutional_of(description);
    const int text = !strncmp(description, "text:", 5);
    if (!form && !text)
        return make_mlp(graph, description, activation, data, err);
    if (!data->inputs || !data->classes)
        return needs_data(description, err);
    if (activation)
        return lethe_fail(err, LETHE_EARG,
                          "model '%s' has its own activations: 'activation' is for mlp",
                          description);
    return text ? make_text(graph, description, data, err)
                : make_cnn(graph, description, form, data, err);
}

enum lethe_train_method lethe_architecture_method(const char *description)
{
    if (convolutional_of(description))
        return LETHE_TRAIN_SGD;
    return strncmp(description, "text:", 5) ? LETHE_TRAIN_LBFGS : LETHE_TRAIN_ADAM;
}

struct lethe_samples_shape lethe_samples_shape_of(const struct lethe_dataset *data)
{
    struct lethe_samples_shape shape = {0};
    if (!data)
        return shape;
    const size_t ndim = lethe_dataset_ndim(data);
    shape.inputs = lethe_dataset_width(data);
    shape.classes = lethe_dataset_classes(data);
    shape.tokens = lethe_dataset_tokens(data);
    if (shape.tokens || (ndim != 2 && ndim != 3))
        return shape;
    shape.channels = ndim == 3 ? lethe_dataset_dim(data, 0) : 1;
    shape.rows = lethe_dataset_dim(data, ndim - 2);
    shape.columns = lethe_dataset_dim(data, ndim - 1);
    return shape;
}

void lethe_architecture_text(char text[200], const char *description,
                             const struct lethe_graph *graph)
{
    size_t used = 0, layers = lethe_graph_layer_count(graph);
    if (strncmp(description, "mlp:", 4) != 0 && strcmp(description, "logreg") != 0) {
        snprintf(text, 200, "%s", description);
        return;
    }
    *text = '\0';
    for (size_t l = 0; l < layers && used < 180; l++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, l);
        int wrote = l ? snprintf(text + used, 200 - used, "-%zu", layer->units)
                      : snprintf(text, 200, "%zu-%zu", layer->fan_in, layer->units);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}
