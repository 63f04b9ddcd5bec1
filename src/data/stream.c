/* SPDX-License-Identifier: MIT
 * A dataset file in blocks. Arrays are cut by rows, after their header has said how many there are;
 * tables and text by records, each block with the header line put before it again. A block then
 * goes the way a whole file goes. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "data/csv.h"
#include "data/formats.h"
#include "data/loading.h"

enum { PEEK = 1 << 16 };

struct lethe_stream {
    struct lethe_data_source source; /* path is `name` while a block is made */
    char name[512];
    struct lethe_reader *reader;
    const char *format;
    size_t bytes;                   /* aim for a normalised block */
    size_t done;                    /* samples given out */
    struct lethe_array labels;      /* all of them; empty: in the samples' file */
    struct lethe_array layout;      /* arrays: type, dims; dims[0] samples altogether */
    int swap;                       /* arrays: big-endian */
    char *text;                     /* tables: header line, then what is read and not given out */
    size_t header, have, room, ask; /* its parts; how much to read next */
    int ended;
};

void lethe_stream_free(struct lethe_stream *stream)
{
    if (!stream)
        return;
    lethe_reader_free(stream->reader);
    lethe_array_release(&stream->labels);
    lethe_free(stream->text);
    lethe_free(stream);
}

static int is_array(const struct lethe_stream *s)
{
    return !strcmp(s->format, "idx") || !strcmp(s->format, "npy");
}

static enum lethe_err skip(struct lethe_stream *s, size_t size, struct lethe_error *err)
{
    unsigned char waste[PEEK];
    size_t got = 0;
    return lethe_reader_read(s->reader, waste, size < PEEK ? size : PEEK, &got, err);
}

static enum lethe_err open_array(struct lethe_stream *s, const unsigned char *bytes, size_t have,
                                 struct lethe_error *err)
{
    struct lethe_npy_layout layout = {.swap = 1};
    enum lethe_err code =
        strcmp(s->format, "npy") == 0
            ? lethe_npy_header(&s->layout, &layout, bytes, have, s->source.path, err)
            : lethe_idx_header(&s->layout, &layout.length, bytes, have, s->source.path, err);
    size_t row = 1;
    for (size_t d = 1; d < s->layout.ndim && !code; d++) {
        if (s->layout.dims[d] == 0 || row > ((size_t)1 << 40) / s->layout.dims[d])
            code =
                lethe_fail(err, LETHE_EFORMAT, "%s: samples of an impossible size", s->source.path);
        row *= s->layout.dims[d];
    }
    if (!code && layout.width)
        code = lethe_fail(err, LETHE_EARG,
                          "%s has elements that are converted (half precision, unsigned or text); "
                          "save it as float32 to read it in blocks",
                          s->source.path);
    if (!code && layout.fortran)
        code = lethe_fail(err, LETHE_EFORMAT,
                          "%s is in Fortran order, which puts no sample in one piece; save it in C "
                          "order to read it in blocks",
                          s->source.path);
    s->layout.count = row;
    s->swap = layout.swap;
    return code ? code : skip(s, layout.length, err);
}

/* Keeps the first line when it is a header. */
static enum lethe_err open_table(struct lethe_stream *s, const unsigned char *bytes, size_t have,
                                 struct lethe_error *err)
{
    const unsigned char *end = memchr(bytes, '\n', have);
    size_t line = end ? (size_t)(end - bytes) + 1 : have;
    struct lethe_csv csv;
    char *copy = lethe_alloc_zero(line + 1, 1);
    if (!copy)
        return lethe_fail_memory(err, s->source.path, line, 1);
    memcpy(copy, bytes, line);
    enum lethe_err code = lethe_csv_open(&csv, copy, line, s->source.path, err);
    if (!code)
        code = lethe_csv_next(&csv, err);
    int header = !code && csv.count > 1 && lethe_csv_is_header(&csv);
    lethe_csv_close(&csv);
    lethe_free(copy);
    s->room = line + 1;
    s->text = code ? NULL : lethe_alloc(s->room, 1);
    if (!code && !s->text)
        code = lethe_fail_memory(err, s->source.path, line, 1);
    if (code || !header)
        return code;
    memcpy(s->text, bytes, line);
    s->header = s->have = line;
    return skip(s, line, err);
}

/* Labels in a file of their own, as numbers of classes. */
static enum lethe_err read_labels(struct lethe_stream *s, struct lethe_error *err)
{
    struct lethe_loading loading = {.source = &s->source, .part = 1};
    enum lethe_err code = lethe_array_read(&loading.parts.labels, s->source.labels, err);
    if (!code)
        code = lethe_labels_settle(&loading, err);
    if (!code && loading.classes.count)
        code = lethe_fail(err, LETHE_EARG,
                          "%s: its labels are names; declare the classes to read them in blocks",
                          s->source.labels);
    s->labels = loading.parts.labels;
    lethe_words_release(&loading.classes);
    lethe_words_release(&loading.groups);
    lethe_words_release(&loading.notes);
    return code;
}

enum lethe_err lethe_stream_open(struct lethe_stream **stream,
                                 const struct lethe_data_source *source, size_t bytes,
                                 struct lethe_error *err)
{
    struct lethe_stream *s = lethe_alloc_zero(1, sizeof *s);
    const unsigned char *ahead = NULL;
    size_t have = 0;
    if (!s)
        return lethe_fail_memory(err, source->path, 1, sizeof *s);
    s->source = *source;
    s->bytes = bytes;
    s->ask = bytes / 8 + 1;
    enum lethe_err code = lethe_reader_open(&s->reader, source->path, err);
    if (!code)
        code = lethe_reader_peek(s->reader, &ahead, PEEK, &have, err);
    if (!code && have == 0)
        code = lethe_fail(err, LETHE_EFORMAT, "%s is empty", source->path);
    if (!code)
        code = lethe_foreign_refuse(ahead, have, source->path, err);
    if (code)
        goto out;
    s->format = source->format ? source->format : lethe_format_of(source, ahead, have);
    if (is_array(s))
        code = open_array(s, ahead, have, err);
    else if (!strcmp(s->format, "csv") || !strcmp(s->format, "text"))
        code = open_table(s, ahead, have, err);
    else if (!code && strncmp(s->format, "cifar", 5) != 0)
        code = lethe_fail(err, LETHE_EARG,
                          "%s: format '%s' cannot be read in blocks; idx, npy, cifar, csv and text "
                          "can",
                          source->path, s->format);
    if (!code && is_array(s) && !source->labels)
        code = lethe_fail(err, LETHE_EFORMAT, "%s has no labels in it; name the file of labels",
                          source->path);
    if (!code && source->labels)
        code = read_labels(s, err);
    if (!code && source->labels && is_array(s) && s->labels.dims[0] != s->layout.dims[0])
        code = lethe_fail(err, LETHE_EFORMAT, "%s has %zu samples, %s has %zu labels", source->path,
                          s->layout.dims[0], source->labels, s->labels.dims[0]);
out:
    if (code)
        lethe_stream_free(s);
    else
        *stream = s;
    return code;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* How many samples of `width` values make a block. */
static size_t rows_of(const struct lethe_stream *s, size_t width)
{
    size_t rows = s->bytes / (width * (sizeof(double) + 1) + 1);
    return rows ? rows : 1;
}

static enum lethe_err next_array(struct lethe_stream *s, struct lethe_array *x,
                                 struct lethe_error *err)
{
    size_t left = s->layout.dims[0] - s->done, rows = rows_of(s, s->layout.count), got = 0;
    rows = rows < left ? rows : left;
    size_t size = rows * s->layout.count * lethe_element_size(s->layout.type);
    unsigned char *bytes = rows ? lethe_alloc(size, 1) : NULL;
    if (!rows)
        return LETHE_OK;
    if (!bytes)
        return lethe_fail_memory(err, s->source.path, size, 1);
    enum lethe_err code = lethe_reader_read(s->reader, bytes, size, &got, err);
    if (!code && got < size)
        code = lethe_fail(err, LETHE_EFORMAT,
                          "%s: the header promises %zu samples, the file ends within sample %zu",
                          s->source.path, s->layout.dims[0], s->done + got / (size / rows));
    *x = s->layout;
    x->dims[0] = rows;
    x->count = rows * s->layout.count;
    if (!code)
        code = lethe_array_fill(x, bytes, s->swap, s->source.path, err);
    lethe_free(bytes);
    return code;
}

static int is_cifar(const struct lethe_stream *s)
{
    return !strncmp(s->format, "cifar", 5);
}

static enum lethe_err next_records(struct lethe_stream *s, struct lethe_loading *loading,
                                   struct lethe_error *err)
{
    const int fine = !strcmp(s->format, "cifar100");
    const size_t record = (fine ? 2 : 1) + LETHE_CIFAR_IMAGE;
    size_t rows = rows_of(s, record), got = 0;
    loading->bytes.data = lethe_alloc(rows, record);
    if (!loading->bytes.data)
        return lethe_fail_memory(err, s->source.path, rows, record);
    enum lethe_err code =
        lethe_reader_read(s->reader, loading->bytes.data, rows * record, &got, err);
    loading->bytes.size = got;
    if (code || got == 0)
        return code;
    return fine ? lethe_load_cifar100(loading, err) : lethe_load_cifar(loading, err);
}

/* End of the last whole record of the text; 0 when there is none. Quotes may hold line ends, except
 * in a table of tabs. */
static size_t whole_records(const struct lethe_stream *s)
{
    size_t end = 0, quoted = 0;
    int tabs = s->have && memchr(s->text, '\t', s->have) != NULL;
    for (size_t i = s->header; i < s->have; i++) {
        quoted ^= s->text[i] == '"' && !tabs;
        if (s->text[i] == '\n' && !quoted)
            end = i + 1;
    }
    return end;
}

/* Reads on until there is a whole record or the file ends; *end is where whole records end. */
static enum lethe_err fill_text(struct lethe_stream *s, size_t *end, struct lethe_error *err)
{
    for (*end = 0; *end == 0;) {
        size_t got = 0;
        if (s->room < s->have + s->ask + 1) {
            char *larger = lethe_realloc(s->text, s->have + s->ask + 1, 1);
            if (!larger)
                return lethe_fail_memory(err, s->source.path, s->have + s->ask, 1);
            s->text = larger;
            s->room = s->have + s->ask + 1;
        }
        enum lethe_err code = lethe_reader_read(s->reader, s->text + s->have, s->ask, &got, err);
        if (code)
            return code;
        s->have += got;
        s->ended = got < s->ask;
        *end = s->ended ? s->have : whole_records(s);
        if (s->ended)
            break;
    }
    return LETHE_OK;
}

static int is_blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!strchr(" \t\r\n", text[i]) || !text[i])
            return 0;
    return 1;
}

/* Forgets the text behind the header line up to `end`. */
static void drop_text(struct lethe_stream *s, size_t end)
{
    memmove(s->text + s->header, s->text + end, s->have - end);
    s->have -= end - s->header;
}

static enum lethe_err next_table(struct lethe_stream *s, struct lethe_loading *loading,
                                 struct lethe_error *err)
{
    size_t end = 0;
    enum lethe_err code = LETHE_OK;
    while (!code && !s->ended) {
        code = fill_text(s, &end, err);
        if (code || !is_blank(s->text + s->header, end - s->header))
            break;
        drop_text(s, end);
        end = s->header;
    }
    if (code || end <= s->header)
        return code;
    loading->bytes.data = lethe_alloc_zero(end + 1, 1);
    if (!loading->bytes.data)
        return lethe_fail_memory(err, s->source.path, end, 1);
    memcpy(loading->bytes.data, s->text, end);
    loading->bytes.size = end;
    drop_text(s, end);
    code =
        !strcmp(s->format, "text") ? lethe_load_text(loading, err) : lethe_load_table(loading, err);
    if (!code && loading->classes.count)
        code = lethe_fail(err, LETHE_EARG,
                          "%s: its labels are names; declare the classes to read it in blocks",
                          s->source.path);
    return code;
}

/* The labels of this block out of those in their own file. */
static enum lethe_err take_labels(struct lethe_stream *s, struct lethe_dataset_parts *parts,
                                  struct lethe_error *err)
{
    size_t n = parts->x.dims[0], size = lethe_element_size(s->labels.type);
    if (!s->labels.data)
        return LETHE_OK;
    if (s->labels.count < s->done + n)
        return lethe_fail(err, LETHE_EFORMAT, "%s has more samples than %s has labels (%zu)",
                          s->source.path, s->source.labels, s->labels.count);
    parts->labels = (struct lethe_array){s->labels.type, 1, {n}, n, NULL, NULL, NULL, 0};
    return lethe_array_fill(&parts->labels, (unsigned char *)s->labels.data + s->done * size, 0,
                            s->source.labels, err);
}

enum lethe_err lethe_stream_next(struct lethe_stream *s, struct lethe_dataset **block,
                                 struct lethe_error *err)
{
    struct lethe_data_source named = s->source;
    struct lethe_loading loading = {.source = &named, .part = 1};
    struct lethe_dataset_parts *parts = &loading.parts;
    snprintf(s->name, sizeof s->name, s->done ? "%s (from sample %zu on)" : "%s", s->source.path,
             s->done);
    named.path = s->name;
    enum lethe_err code = is_array(s)   ? next_array(s, &parts->x, err)
                          : is_cifar(s) ? next_records(s, &loading, err)
                                        : next_table(s, &loading, err);
    lethe_free(loading.bytes.data);
    *block = NULL;
    if (!code && parts->x.data) {
        parts->source = s->name;
        code = take_labels(s, parts, err);
        if (!code && !s->labels.data)
            code = lethe_labels_settle(&loading, err);
        lethe_loading_names(&loading);
        size_t n = parts->x.dims[0];
        if (!code)
            code = lethe_dataset_make(block, parts, err);
        s->done += code ? 0 : n;
    } else if (!code && s->labels.data && s->done < s->labels.count) {
        code = lethe_fail(err, LETHE_EFORMAT, "%s has %zu samples, %s has %zu labels",
                          s->source.path, s->done, s->source.labels, s->labels.count);
    }
    lethe_array_release(&parts->x);
    lethe_array_release(&parts->labels);
    lethe_array_release(&parts->groups);
    lethe_words_release(&loading.classes);
    lethe_words_release(&loading.groups);
    lethe_words_release(&loading.notes);
    return code;
}
