/* SPDX-License-Identifier: MIT
 * FOCI on a CSV: which columns the last one depends on. Knows nothing but the installed headers.
 * usage: foci TABLE.csv */
#include <lethe/lethe.h>
#include <stdio.h>
#include <stdlib.h>

static void check(enum lethe_err code, const struct lethe_error *err)
{
    if (code) {
        fprintf(stderr, "%s\n", err->message);
        exit(lethe_err_exit(code));
    }
}

int main(int argc, char **argv)
{
    struct lethe_error err = {0};
    double *table = NULL;
    size_t rows = 0, columns = 0;
    if (argc < 2)
        return 2;
    check(lethe_matrix_read(&table, &rows, &columns, argv[1], &err), &err);
    double *x = calloc(rows * columns, sizeof *x), *y = calloc(rows, sizeof *y);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j + 1 < columns; j++)
            x[i * (columns - 1) + j] = table[i * columns + j];
        y[i] = table[i * columns + columns - 1];
    }
    const struct lethe_codec_input input = {.n = rows, .p = columns - 1, .x64 = x, .y = y};
    const struct lethe_foci_options options = {.stop = 1};
    struct lethe_foci_result result;
    check(lethe_foci_run(&result, &input, &options, NULL, &err), &err);
    for (size_t k = 0; k < result.count; k++)
        printf("column %zu  T %.6f\n", result.steps[k].column + 1, result.steps[k].cumulative);
    printf("stopped: %s\n", lethe_foci_stop_name(result.stopped));
    lethe_foci_result_release(&result);
    lethe_free(table);
    free(x);
    free(y);
    return 0;
}
