/* SPDX-License-Identifier: MIT
 * The single-operator cases that come with ONNX (Debian's libonnx-testdata), every output of each,
 * for the operators of the table. Prints how many ran and names the others with the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/exec.h"
#include "onnx/model.h"

#define ROOT "/usr/share/libonnx-testdata/data/node/"
enum { ENDS = 8 };

struct node_case {
    const char *name;
    Onnx__ModelProto *model;
    Onnx__TensorProto *in[ENDS], *out[ENDS];
    size_t ins, outs;
    const char *skip; /* why it is not run */
};

static Onnx__TensorProto *read_tensor(const char *path)
{
    struct lethe_bytes bytes = {0};
    if (lethe_file_read(&bytes, path, 1 << 28, NULL))
        return NULL;
    Onnx__TensorProto *tensor = onnx__tensor_proto__unpack(NULL, bytes.size, bytes.data);
    lethe_free(bytes.data);
    return tensor;
}

static int open_case(struct node_case *c, const char *name)
{
    char path[512];
    struct lethe_bytes bytes = {0};
    *c = (struct node_case){.name = name};
    snprintf(path, sizeof path, ROOT "%s/model.onnx", name);
    if (lethe_file_read(&bytes, path, 1 << 28, NULL))
        return 0;
    c->model = onnx__model_proto__unpack(NULL, bytes.size, bytes.data);
    lethe_free(bytes.data);
    for (; c->ins < ENDS; c->ins++) {
        snprintf(path, sizeof path, ROOT "%s/test_data_set_0/input_%zu.pb", name, c->ins);
        if (access(path, R_OK) || !(c->in[c->ins] = read_tensor(path)))
            break;
    }
    for (; c->outs < ENDS; c->outs++) {
        snprintf(path, sizeof path, ROOT "%s/test_data_set_0/output_%zu.pb", name, c->outs);
        if (access(path, R_OK) || !(c->out[c->outs] = read_tensor(path)))
            break;
    }
    return c->model && c->model->graph;
}

static void close_case(struct node_case *c)
{
    for (size_t k = 0; k < ENDS; k++) {
        if (c->in[k])
            onnx__tensor_proto__free_unpacked(c->in[k], NULL);
        if (c->out[k])
            onnx__tensor_proto__free_unpacked(c->out[k], NULL);
    }
    if (c->model)
        onnx__model_proto__free_unpacked(c->model, NULL);
}

static int all_supported(const struct node_case *c)
{
    for (size_t i = 0; i < c->model->graph->n_node; i++) {
        const char *type = c->model->graph->node[i]->op_type;
        if (!lethe_op_find(type) && strcmp(type, "Constant"))
            return 0;
    }
    return c->model->graph->n_node > 0;
}

static const char *reason_to_skip(const struct node_case *c)
{
    static const struct {
        const char *part, *why;
    } reasons[] = {
        {"_training", "training mode"},
        {"training_", "training mode"},
        {"dropout_default_mask", "the mask of a dropout that drops nothing"},
        {"batchnorm_epsilon_tr", "training mode"},
        {"argmax_2d_indices", "indices of a pool"},
        {"maxpool_with_argmax", "indices of a pool"},
        {"BFLOAT16", "bfloat16 written as whole numbers"},
        {"scatternd_multiply", "a reduction other than adding"},
        {"STRING", "text"},
        {"string", "text"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(c->name, reasons[i].part))
            return reasons[i].why;
    for (size_t k = 0; k < c->model->graph->n_input; k++)
        if (c->model->graph->input[k]->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
            return "not a tensor";
    if (c->ins != c->model->graph->n_input || c->outs != c->model->graph->n_output)
        return "an input is left out";
    return NULL;
}

static int uses(const struct node_case *c, const char *type)
{
    for (size_t i = 0; i < c->model->graph->n_node; i++)
        if (!strcmp(c->model->graph->node[i]->op_type, type))
            return 1;
    return 0;
}

/* Inputs that a loaded model must know: shapes, axes, bounds. They become initializers. */
static int is_setting(const struct node_case *c, size_t k)
{
    const Onnx__NodeProto *node = c->model->graph->node[0];
    if (!lethe_elem_is_real(c->in[k]->data_type))
        return k > 0 || uses(c, "ConstantOfShape") || uses(c, "Range") || uses(c, "NonZero");
    if (!strcmp(node->op_type, "OneHot"))
        return k == 1;
    if (!strcmp(node->op_type, "Resize") || !strcmp(node->op_type, "Upsample"))
        return k > 0;
    return !strcmp(node->op_type, "Range") || (!strcmp(node->op_type, "Clip") && k > 0) ||
           (!strcmp(node->op_type, "Pad") && k > 1);
}

static void fix_settings(struct node_case *c)
{
    Onnx__GraphProto *graph = c->model->graph;
    graph->initializer =
        realloc(graph->initializer, (graph->n_initializer + ENDS) * sizeof *graph->initializer);
    for (size_t k = 0; k < c->ins; k++) {
        if (!is_setting(c, k))
            continue;
        size_t size = onnx__tensor_proto__get_packed_size(c->in[k]);
        uint8_t *bytes = malloc(size + 1);
        onnx__tensor_proto__pack(c->in[k], bytes);
        Onnx__TensorProto *copy = onnx__tensor_proto__unpack(NULL, size, bytes);
        free(bytes);
        free(copy->name);
        copy->name = strdup(graph->input[k]->name);
        graph->initializer[graph->n_initializer++] = copy;
    }
}

static int differs(double got, double want)
{
    if (isnan(want) || isinf(want))
        return !(isnan(want) ? isnan(got) : got == want);
    return !(fabs(got - want) <= 1e-5 + 1e-3 * fabs(want));
}

/* Runs the model with output k first; returns NULL or what went wrong. */
static const char *run_output(struct node_case *c, size_t k, struct lethe_error *err)
{
    Onnx__ValueInfoProto **outputs = c->model->graph->output, *first = outputs[0];
    struct lethe_graph *graph = NULL;
    struct lethe_exec *exec = NULL;
    struct lethe_onnx_tensor want = {0}, feed[ENDS] = {{0}};
    const double *inputs[ENDS] = {0};
    double *w = NULL, *got = NULL;
    const char *wrong = NULL;
    size_t fed = 0;
    outputs[0] = outputs[k];
    outputs[k] = first;
    enum lethe_err code = lethe_onnx_build(&graph, &w, c->model, NULL, LETHE_ONNX_LITERAL, err);
    outputs[k] = outputs[0];
    outputs[0] = first;
    for (size_t i = 0; i < c->ins && !code; i++)
        if (!is_setting(c, i) && !(code = lethe_onnx_tensor_read(&feed[fed], c->in[i], NULL, err)))
            inputs[fed] = feed[fed].data, fed++;
    if (!code)
        code = lethe_onnx_tensor_read(&want, c->out[k], NULL, err);
    if (!code)
        exec = lethe_exec_new(graph, LETHE_F32, 1, err);
    if (!exec) {
        wrong = err->message;
        goto out;
    }
    size_t size = lethe_shape_size(&want.shape), computed = lethe_exec_logits_size(exec);
    got = malloc((computed + 1) * sizeof *got);
    lethe_exec_forward(exec, got, inputs, 1, err);
    if (computed != size)
        wrong = "another size";
    for (size_t i = 0; i < size && !wrong; i++)
        if (differs(got[i], want.data[i]))
            wrong = "another value";
out:
    lethe_exec_free(exec);
    lethe_graph_unref(graph);
    lethe_free(w);
    lethe_free(want.data);
    for (size_t i = 0; i < ENDS; i++)
        lethe_free(feed[i].data);
    free(got);
    return wrong;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void cases_of_onnx_pass(void **state)
{
    (void)state;
    DIR *folder = opendir(ROOT);
    if (!folder) {
        puts("skipped: libonnx-testdata is not installed");
        return;
    }
    char *names[4096];
    size_t count = 0, passed = 0, failed = 0, skipped = 0;
    for (struct dirent *entry; (entry = readdir(folder)) && count < 4096;)
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        struct node_case c;
        struct lethe_error err = {0};
        if (open_case(&c, names[i]) && all_supported(&c)) {
            const char *wrong = reason_to_skip(&c);
            skipped += wrong != NULL;
            if (wrong) {
                printf("not run: %s (%s)\n", c.name, wrong);
            } else {
                fix_settings(&c);
                for (size_t k = 0; k < c.outs && !wrong; k++)
                    wrong = run_output(&c, k, &err);
                passed += !wrong;
                failed += wrong != NULL;
                if (wrong)
                    printf("FAILED %s: %s\n", c.name, wrong);
            }
        }
        close_case(&c);
        free(names[i]);
    }
    printf("ONNX's own cases of the supported operators: %zu of %zu pass, %zu not run\n", passed,
           passed + failed, skipped);
    assert_int_equal(failed, 0);
    assert_true(passed > 640);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_of_onnx_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
