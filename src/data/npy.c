/* SPDX-License-Identifier: MIT
 * NPY, versions 1 to 3: magic, version, header length, a Python dictionary with 'descr',
 * 'fortran_order' and 'shape', then the elements. Either byte order, C or Fortran order. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/formats.h"

/* width: bytes of an element in the file when it is converted, else 0. */
static const struct type_code {
    const char *code;
    enum lethe_element type;
    size_t width;
} codes[] = {{"u1", LETHE_U8, 0},    {"b1", LETHE_U8, 0},     {"i1", LETHE_I8, 0},
             {"i2", LETHE_I16, 0},   {"i4", LETHE_I32, 0},    {"i8", LETHE_I64, 0},
             {"f4", LETHE_FLOAT, 0}, {"f8", LETHE_DOUBLE, 0}, {"f2", LETHE_FLOAT, 2},
             {"u2", LETHE_I32, 2},   {"u4", LETHE_I64, 4},    {"u8", LETHE_I64, 8}};

/* The text after "'key':" in the header, spaces skipped; NULL when the key is not there. */
static const char *entry(const char *header, const char *key)
{
    char quoted[24];
    snprintf(quoted, sizeof quoted, "'%s'", key);
    const char *at = strstr(header, quoted);
    if (!at)
        return NULL;
    at += strlen(quoted);
    while (*at == ' ' || *at == ':')
        at++;
    return at;
}

static int read_shape(struct lethe_array *array, const char *text)
{
    if (!text || *text++ != '(')
        return 0;
    for (;;) {
        while (*text == ' ' || *text == ',')
            text++;
        if (*text == ')')
            break;
        char *end;
        if (!isdigit((unsigned char)*text) || array->ndim == LETHE_ARRAY_DIMS)
            return 0;
        array->dims[array->ndim++] = strtoull(text, &end, 10);
        text = end;
    }
    if (!array->ndim) { /* a scalar is an array of one */
        array->ndim = 1;
        array->dims[0] = 1;
    }
    return 1;
}

static enum lethe_err to_c_order(struct lethe_array *array, const char *source,
                                 struct lethe_error *err)
{
    size_t size = lethe_element_size(array->type), at[LETHE_ARRAY_DIMS] = {0};
    unsigned char *turned = lethe_alloc(array->count, size);
    const unsigned char *from = array->data;
    if (!turned)
        return lethe_fail_memory(err, source, array->count, size);
    for (size_t i = 0; i < array->count; i++) {
        size_t to = 0;
        for (size_t d = 0; d < array->ndim; d++)
            to = to * array->dims[d] + at[d];
        memcpy(turned + to * size, from + i * size, size);
        for (size_t d = 0; d < array->ndim && ++at[d] == array->dims[d]; d++)
            at[d] = 0;
    }
    lethe_free(array->data);
    array->data = turned;
    return LETHE_OK;
}

static enum lethe_err parse_header(struct lethe_array *array, char *header,
                                   struct lethe_npy_layout *layout, const char *source,
                                   struct lethe_error *err)
{
    const char *descr = entry(header, "descr"), *order = entry(header, "fortran_order");
    if (!descr || !order || !read_shape(array, entry(header, "shape")))
        return lethe_fail(err, LETHE_EFORMAT, "%s: a damaged NPY header", source);
    layout->fortran = !strncmp(order, "True", 4);
    if (*descr == '\'' || *descr == '"')
        descr++;
    layout->swap = *descr == '>';
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (*descr && strchr("<>|=", *descr) && !strncmp(descr + 1, codes[i].code, 2) &&
            !isdigit((unsigned char)descr[3])) {
            array->type = codes[i].type;
            layout->width = codes[i].width;
            layout->kind = codes[i].width ? codes[i].code[0] : 0;
            return LETHE_OK;
        }
    unsigned long letters = *descr ? strtoul(descr + 2, NULL, 10) : 0;
    if (*descr && strchr("US", descr[1]) && letters > 0 && letters < 1 << 20) {
        array->type = LETHE_I32;
        layout->kind = descr[1];
        layout->width = letters * (descr[1] == 'U' ? 4 : 1);
        return LETHE_OK;
    }
    if (*descr && descr[1] == 'O')
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s holds Python objects; save texts as np.save(FILE, y.astype(str)), "
                          "numbers as y.astype(float)",
                          source);
    return lethe_fail(err, LETHE_EFORMAT,
                      "%s: element type '%.*s' is not supported; save it as "
                      "a floating, integer or text type",
                      source, (int)strcspn(descr, "'\""), descr);
}

enum lethe_err lethe_npy_header(struct lethe_array *array, struct lethe_npy_layout *layout,
                                const unsigned char *bytes, size_t size, const char *source,
                                struct lethe_error *err)
{
    if (size < 12)
        return lethe_fail(err, LETHE_EFORMAT, "%s: the NPY header is cut off", source);
    size_t start = bytes[6] == 1 ? 10 : 12;
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] != 1)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (bytes[6] < 1 || bytes[6] > 3 || length > size - start)
        return lethe_fail(err, LETHE_EFORMAT, "%s: the NPY header is cut off or of version %d",
                          source, bytes[6]);
    char *header = lethe_alloc(length + 1, 1);
    if (!header)
        return lethe_fail_memory(err, source, length, 1);
    memcpy(header, bytes + start, length);
    header[length] = '\0';
    enum lethe_err code = parse_header(array, header, layout, source, err);
    layout->length = start + length;
    lethe_free(header);
    return code;
}

enum lethe_err lethe_npy_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                               const char *source, struct lethe_error *err)
{
    struct lethe_npy_layout layout = {0};
    enum lethe_err code = lethe_npy_header(array, &layout, bytes, size, source, err);
    if (!code && layout.width)
        code = lethe_npy_convert(array, &layout, bytes + layout.length, size - layout.length,
                                 source, err);
    else if (!code)
        code = lethe_array_claim(array, size, layout.length, source, err);
    if (!code && !layout.width)
        code = lethe_array_fill(array, bytes + layout.length, layout.swap, source, err);
    return code || !layout.fortran ? code : to_c_order(array, source, err);
}

static const char *type_code(enum lethe_element type)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].type == type && !codes[i].width)
            return codes[i].code;
    return "f8";
}

enum lethe_err lethe_npy_bytes(unsigned char **bytes, size_t *size, const struct lethe_array *array,
                               struct lethe_error *err)
{
    static const unsigned char magic[8] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    char shape[160] = "", header[320];
    for (size_t d = 0; d < array->ndim; d++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%zu,%s", array->dims[d],
                 d + 1 < array->ndim ? " " : "");
    size_t element = lethe_element_size(array->type);
    int n = snprintf(header, sizeof header,
                     "{'descr': '%c%s', 'fortran_order': False, 'shape': (%s), }",
                     element == 1 ? '|' : '<', type_code(array->type), shape);
    size_t length = ((size_t)n + 10 + 1 + 63) / 64 * 64 - 10;
    *size = 10 + length + array->count * element;
    unsigned char *made = lethe_alloc(*size, 1);
    if (!made)
        return lethe_fail_memory(err, "an NPY file", *size, 1);
    memcpy(made, magic, sizeof magic);
    made[8] = (unsigned char)(length & 255);
    made[9] = (unsigned char)(length >> 8);
    memset(made + 10, ' ', length);
    memcpy(made + 10, header, (size_t)n);
    made[10 + length - 1] = '\n';
    memcpy(made + 10 + length, array->data, array->count * element);
    *bytes = made;
    return LETHE_OK;
}

enum lethe_err lethe_npy_write(const char *path, const struct lethe_array *array,
                               struct lethe_error *err)
{
    unsigned char *bytes;
    size_t size;
    enum lethe_err code = lethe_npy_bytes(&bytes, &size, array, err);
    if (code)
        return code;
    code = lethe_file_write(path, bytes, size, err);
    lethe_free(bytes);
    return code;
}
