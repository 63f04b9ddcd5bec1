/* SPDX-License-Identifier: MIT
 * ONNX files to and from graphs. What lethe_onnx_save writes, lethe_onnx_load reads to the same
 * bits. Errors name the file, the node and the operator; unsupported operators are all listed. */
#ifndef LETHE_ONNX_H
#define LETHE_ONNX_H

#include "lethe/nn.h"

/* *graph is new (unref it), *w is (size + buffers) in heap memory (lethe_free). */
enum lethe_err lethe_onnx_load(struct lethe_graph **graph, double **w, const char *path,
                               struct lethe_error *err);
/* Names, layout and attributes of the loaded file are kept. Written atomically. */
enum lethe_err lethe_onnx_save(const struct lethe_graph *graph, const double *w, const char *path,
                               enum lethe_dtype dtype, struct lethe_error *err);
/* Type of the real numbers in a file; as stored: each tensor as in the file it came from. Weights
 * beyond what float16 holds are LETHE_EARG. */
enum lethe_onnx_real {
    LETHE_ONNX_STORED,
    LETHE_ONNX_FLOAT32,
    LETHE_ONNX_FLOAT64,
    LETHE_ONNX_FLOAT16,
    LETHE_ONNX_BFLOAT16
};
/* As lethe_onnx_save, with a type of the caller's choice. */
enum lethe_err lethe_onnx_save_as(const struct lethe_graph *graph, const double *w,
                                  const char *path, enum lethe_onnx_real type,
                                  struct lethe_error *err);
/* The same to and from memory: *bytes (lethe_free) is what the file would hold. */
enum lethe_err lethe_onnx_encode(unsigned char **bytes, size_t *size,
                                 const struct lethe_graph *graph, const double *w,
                                 enum lethe_dtype dtype, struct lethe_error *err);
enum lethe_err lethe_onnx_decode(struct lethe_graph **graph, double **w, const unsigned char *bytes,
                                 size_t size, struct lethe_error *err);

/* Parameters by name, in the safetensors format (a PyTorch state dict). Loading replaces every
 * parameter and running statistic of w or none; a linear layer that the exporter stored transposed
 * under a name of its own is also found as "<layer>.weight". Tensors the graph does not know are
 * ignored; one that is missing or of another shape is an error that names it. */
enum lethe_err lethe_safetensors_load(double *w, const struct lethe_graph *graph, const char *path,
                                      struct lethe_error *err);
enum lethe_err lethe_safetensors_save(const struct lethe_graph *graph, const double *w,
                                      const char *path, enum lethe_dtype dtype,
                                      struct lethe_error *err);

#endif
