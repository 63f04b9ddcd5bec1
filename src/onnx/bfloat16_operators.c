/* SPDX-License-Identifier: MIT
 * Which of ONNX's operators take bfloat16, and from which version of the operators on. The others
 * would make a file that no other program accepts. */
#include <stddef.h>
#include <string.h>

#include "onnx/model.h"

enum { BEGINS = 13, LATE = 22, NEVER = 0 };

/* Of the operators that Lethe knows those that came later than bfloat16 itself. */
static const struct {
    const char *type;
    int from;
} rows[] = {
    {"Atan", LATE},
    {"AveragePool", LATE},
    {"BatchNormalization", 14},
    {"Celu", NEVER},
    {"Conv", LATE},
    {"ConvTranspose", LATE},
    {"Cos", LATE},
    {"CumSum", 14},
    {"Einsum", NEVER},
    {"Elu", LATE},
    {"GRU", LATE},
    {"GlobalAveragePool", LATE},
    {"GlobalMaxPool", LATE},
    {"GreaterOrEqual", 16},
    {"HardSigmoid", LATE},
    {"HardSwish", LATE},
    {"InstanceNormalization", LATE},
    {"LSTM", LATE},
    {"LeakyRelu", 16},
    {"LessOrEqual", 16},
    {"MaxPool", LATE},
    {"Mish", LATE},
    {"PRelu", 16},
    {"Pow", 15},
    {"Range", NEVER},
    {"Round", LATE},
    {"Selu", LATE},
    {"Sin", LATE},
    {"Softplus", LATE},
    {"Softsign", LATE},
    {"Tan", LATE},
    {"ThresholdedRelu", LATE},
    {"Where", 16},
};

static int begins_with(const char *type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].type, type))
            return rows[i].from;
    return BEGINS;
}

enum lethe_err lethe_onnx_takes_bfloat16(const struct lethe_graph *graph, struct lethe_error *err)
{
    for (size_t k = 0; k < graph->node_count; k++) {
        const struct lethe_node *node = &graph->nodes[k];
        const int from = begins_with(node->type);
        if (node->hidden || *node->domain)
            continue;
        if (from == NEVER)
            return lethe_fail(err, LETHE_EARG,
                              "ONNX has no %s in bfloat16: export float16 or float32", node->type);
        if (graph->opset < from)
            return lethe_fail(err, LETHE_EARG,
                              "ONNX has %s in bfloat16 from opset %d on, and the model is of opset "
                              "%d: export float16 or float32",
                              node->type, from, graph->opset);
    }
    return LETHE_OK;
}
