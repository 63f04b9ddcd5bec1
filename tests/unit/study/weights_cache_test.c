/* SPDX-License-Identifier: MIT
 * A kept model comes back bit for bit, and is not taken for one when anything about it is another:
 * a byte, its length, its seed, its size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/rng.h"
#include "study/weights_cache.h"
#include "tests/support/folder.h"

enum { MOST = 300 };

static struct lethe_kept random_model(double *w, size_t size, struct lethe_rng *rng)
{
    for (size_t i = 0; i < size; i++)
        w[i] = lethe_rng_normal(rng);
    struct lethe_kept kept = {.w = w, .size = size, .seed = lethe_rng_below(rng, 1U << 30)};
    kept.report.value = lethe_rng_normal(rng);
    kept.report.iterations = (size_t)lethe_rng_below(rng, 1000);
    kept.report.converged = (int)lethe_rng_below(rng, 2);
    return kept;
}

static void comes_back_bit_for_bit(void **state)
{
    (void)state;
    struct lethe_rng rng;
    double w[MOST], read[MOST];
    lethe_rng_init(&rng, 3, LETHE_RNG_TEST, 0, 0);
    for (int k = 0; k < 200; k++) {
        struct lethe_kept kept = random_model(w, 1 + (size_t)lethe_rng_below(&rng, MOST), &rng);
        struct lethe_kept back = {.w = read, .size = kept.size, .seed = kept.seed};
        assert_int_equal(lethe_weights_cache_write(&kept, folder, "model", NULL), LETHE_OK);
        assert_true(lethe_weights_cache_read(&back, folder, "model"));
        assert_memory_equal(w, read, kept.size * sizeof *w);
        assert_true(back.report.value == kept.report.value);
        assert_int_equal(back.report.iterations, kept.report.iterations);
        assert_int_equal(back.report.converged, kept.report.converged);
        back.seed++;
        assert_false(lethe_weights_cache_read(&back, folder, "model"));
        back.seed--, back.size += back.size < MOST ? 1 : -1UL;
        assert_false(lethe_weights_cache_read(&back, folder, "model"));
    }
    struct lethe_kept none = {.w = read, .size = 1};
    assert_false(lethe_weights_cache_read(&none, folder, "another"));
    assert_false(lethe_weights_cache_read(&none, "/no/such/folder", "model"));
}

/* The numbers in memory stay as they were when the file is not taken. */
static void refuse(const unsigned char *bytes, size_t size, const struct lethe_kept *kept)
{
    double read[MOST];
    struct lethe_kept back = {.w = read, .size = kept->size, .seed = kept->seed};
    lethe_free(put_file("broken", bytes, size));
    memset(read, 1, sizeof read);
    assert_false(lethe_weights_cache_read(&back, folder, "broken"));
    for (size_t i = 0; i < sizeof read; i++)
        assert_int_equal(((unsigned char *)read)[i], 1);
}

static void one_bit_is_enough_to_refuse_it(void **state)
{
    (void)state;
    struct lethe_rng rng;
    struct lethe_bytes bytes;
    double w[20];
    lethe_rng_init(&rng, 4, LETHE_RNG_TEST, 0, 0);
    struct lethe_kept kept = random_model(w, 20, &rng);
    assert_int_equal(lethe_weights_cache_write(&kept, folder, "whole", NULL), LETHE_OK);
    char *path = lethe_path_join(folder, "whole");
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 20, NULL), LETHE_OK);
    for (size_t i = 0; i < bytes.size; i++) {
        bytes.data[i] ^= (unsigned char)(1U << lethe_rng_below(&rng, 8));
        refuse(bytes.data, bytes.size, &kept);
        lethe_free(bytes.data);
        assert_int_equal(lethe_file_read(&bytes, path, 1 << 20, NULL), LETHE_OK);
        refuse(bytes.data, i, &kept);
    }
    lethe_free(bytes.data);
    lethe_free(path);
}

static void is_for_its_owner_alone(void **state)
{
    (void)state;
    double w[2] = {1, 2};
    const struct lethe_kept kept = {.w = w, .size = 2};
    struct stat info;
    struct lethe_error err = {0};
    const mode_t before = umask(0);
    assert_int_equal(lethe_weights_cache_write(&kept, folder, "private", NULL), LETHE_OK);
    umask(before);
    char *path = lethe_path_join(folder, "private");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_not_equal(lethe_weights_cache_write(&kept, path, "inside a file", &err), LETHE_OK);
    assert_non_null(strstr(err.message, "private"));
    lethe_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_bit_for_bit),
        cmocka_unit_test(one_bit_is_enough_to_refuse_it),
        cmocka_unit_test(is_for_its_owner_alone),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
