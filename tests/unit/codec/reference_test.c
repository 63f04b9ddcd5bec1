/* SPDX-License-Identifier: MIT
 * Agreement with the statisticians' own package for R: cases of ../shared/reference/codec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "lethe/codec.h"

static const char root[] = "../shared/reference/codec";

/* Numbers of a .csv.gz, row-major; *count is how many. */
static double *read_numbers(const char *path, size_t *count)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    static char line[1 << 16];
    size_t room = 1024;
    double *v = malloc(room * sizeof *v);
    assert_non_null(v);
    *count = 0;
    while (gzgets(file, line, sizeof line)) {
        for (char *at = line, *end;; at = end + 1) {
            double value = strtod(at, &end);
            if (end == at)
                break;
            if (*count == room) {
                v = realloc(v, (room *= 2) * sizeof *v);
                assert_non_null(v);
            }
            v[(*count)++] = value;
            if (*end != ',')
                break;
        }
    }
    gzclose(file);
    return v;
}

static cJSON *read_json(const char *path)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    return json;
}

static void assert_near(double value, const cJSON *array, size_t at)
{
    double expected = cJSON_GetArrayItem(array, (int)at)->valuedouble;
    if (!(fabs(value - expected) <= 1e-9))
        fail_msg("entry %zu is %.17g, not %.17g", at, value, expected);
}

static void compare(const struct lethe_foci_result *result, const cJSON *json)
{
    const cJSON *order = cJSON_GetObjectItem(json, "order");
    assert_int_equal(result->selected, cJSON_GetArraySize(order));
    for (size_t k = 0; k < result->selected; k++) {
        const struct lethe_foci_step *step = &result->steps[k];
        assert_int_equal(step->column, cJSON_GetArrayItem(order, (int)k)->valueint);
        assert_near(step->conditional, cJSON_GetObjectItem(json, "conditional"), k);
        assert_near(step->cumulative, cJSON_GetObjectItem(json, "cumulative"), k);
    }
    for (size_t c = 0; c < result->p; c++)
        assert_near(result->marginal[c], cJSON_GetObjectItem(json, "marginal"), c);
}

static void agree(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s/expected.json", root, name);
    cJSON *json = read_json(path);
    size_t nx, n;
    snprintf(path, sizeof path, "%s/%s/x.csv.gz", root, name);
    double *x = read_numbers(path, &nx);
    snprintf(path, sizeof path, "%s/%s/y.csv.gz", root, name);
    double *y = read_numbers(path, &n);
    assert_int_equal(n, cJSON_GetObjectItem(json, "n")->valueint);
    struct lethe_codec_input input = {.n = n, .p = nx / n, .x64 = x, .y = y};
    assert_int_equal(input.p, cJSON_GetObjectItem(json, "p")->valueint);
    int sd = strcmp(cJSON_GetObjectItem(json, "scaling")->valuestring, "sd") == 0;
    int stop = cJSON_IsTrue(cJSON_GetObjectItem(json, "stop"));
    int steps = cJSON_GetArraySize(cJSON_GetObjectItem(json, "order"));
    struct lethe_foci_options options = {
        .codec = {.seed = 1, .scaling = sd ? LETHE_SCALING_SD : LETHE_SCALING_NONE, .threads = 2},
        .stop = stop,
        .max = stop ? 0 : (size_t)steps,
    };
    struct lethe_foci_result result = {0};
    struct lethe_error err;
    if (lethe_foci_run(&result, &input, &options, NULL, &err) != LETHE_OK)
        fail_msg("%s: %s", name, err.message);
    compare(&result, json);
    lethe_foci_result_release(&result);
    cJSON_Delete(json);
    free(x);
    free(y);
}

static void the_package_for_r_agrees(void **state)
{
    (void)state;
    static const char *const cases[] = {"a-smooth", "b-mod1", "c-ties-in-y", "d-scales",
                                        "e-nostop"};
    gzFile probe = gzopen("../shared/reference/codec/a-smooth/x.csv.gz", "rb");
    if (!probe) {
        printf("skipped: no reference cases, %s is absent\n", root);
        return;
    }
    gzclose(probe);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        agree(cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_package_for_r_agrees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
