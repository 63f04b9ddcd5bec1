/* SPDX-License-Identifier: MIT
 * Warm retraining and selections that are kept: the same as made anew, read where they are there,
 * the control for every forget set of a head, and another file for whatever else decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "study/kept_selection.h"
#include "study/warm_retrain.h"
#include "study/weights_cache.h"
#include "tests/support/cloud_world.h"
#include "tests/support/folder.h"

enum { MOST = 16 };

/* The models in the folder: their names, in no order, and how many. */
static size_t kept_files(char names[MOST][LETHE_HASH_TEXT])
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (strlen(e->d_name) == LETHE_HASH_TEXT - 1 && count < MOST)
            snprintf(names[count++], LETHE_HASH_TEXT, "%.64s", e->d_name);
    if (dir)
        closedir(dir);
    return count;
}

static void empty_folder(void)
{
    char names[MOST][LETHE_HASH_TEXT];
    const size_t count = kept_files(names);
    for (size_t i = 0; i < count; i++) {
        char *path = lethe_path_join(folder, names[i]);
        assert_int_equal(lethe_file_remove(path, NULL), LETHE_OK);
        lethe_free(path);
    }
}

static size_t size_of(const struct cloud_world *w)
{
    return lethe_graph_size(w->snapshot->graph) + lethe_graph_buffers(w->snapshot->graph);
}

static struct lethe_retrained *retrain(const struct cloud_world *w)
{
    struct lethe_retrained *made = NULL;
    assert_int_equal(lethe_warm_retrain_make(&made, w->snapshot, &w->training, NULL, NULL),
                     LETHE_OK);
    return made;
}

static void a_warm_retraining_is_made_once(void **state)
{
    (void)state;
    struct cloud_world w;
    struct lethe_retrained *plain = NULL;
    char names[MOST][LETHE_HASH_TEXT];
    cloud_open(&w, NULL, 0);
    w.training.folder = folder;
    assert_int_equal(lethe_retrained_warm(&plain, w.snapshot, NULL, NULL), LETHE_OK);
    for (int again = 0; again < 2; again++) {
        struct lethe_retrained *kept = retrain(&w);
        assert_int_equal(kept_files(names), 2);
        assert_memory_equal(kept->w, plain->w, size_of(&w) * sizeof *kept->w);
        assert_int_equal(kept->report.iterations, plain->report.iterations);
        assert_int_equal(kept->control_report.iterations, plain->control_report.iterations);
        assert_true(kept->report.converged && kept->by == plain->by);
        for (int side = 0; side <= LETHE_SIDE_TUNE; side++) {
            const size_t cells = plain->outcome.count[side] * CLOUD_CLASSES;
            assert_memory_equal(kept->outcome.logits[side], plain->outcome.logits[side],
                                cells * sizeof(double));
            assert_memory_equal(kept->control.logits[side], plain->control.logits[side],
                                cells * sizeof(double));
        }
        lethe_retrained_unref(kept);
    }
    lethe_retrained_unref(plain);
    cloud_close(&w);
    empty_folder();
}

/* Weights that nobody trained, put in the place of those that were: they come back. */
static void what_is_kept_is_read(void **state)
{
    (void)state;
    struct cloud_world w;
    char names[MOST][LETHE_HASH_TEXT];
    cloud_open(&w, NULL, 0);
    w.training.folder = folder;
    lethe_retrained_unref(retrain(&w));
    assert_int_equal(kept_files(names), 2);
    struct lethe_kept strange = {.w = lethe_alloc_zero(size_of(&w), sizeof(double)),
                                 .size = size_of(&w)};
    strange.report.iterations = 4711;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(lethe_weights_cache_write(&strange, folder, names[i], NULL), LETHE_OK);
    struct lethe_retrained *read = retrain(&w);
    assert_memory_equal(read->w, strange.w, size_of(&w) * sizeof *read->w);
    assert_int_equal(read->report.iterations, 4711);
    assert_int_equal(read->control_report.iterations, 4711);
    lethe_retrained_unref(read);
    lethe_free(strange.w);
    cloud_close(&w);
    empty_folder();
}

static void only_what_decides_makes_another(void **state)
{
    (void)state;
    struct cloud_world w;
    struct lethe_snapshot *fewer = NULL;
    char names[MOST][LETHE_HASH_TEXT];
    cloud_open(&w, NULL, 0);
    w.training.folder = folder;
    lethe_retrained_unref(retrain(&w));
    assert_int_equal(lethe_snapshot_single(&fewer, w.snapshot, w.snapshot->forget.at[3], NULL),
                     LETHE_OK);
    struct cloud_world other = {.snapshot = fewer, .training = w.training};
    lethe_retrained_unref(retrain(&other)); /* of one sample: the control is the same */
    assert_int_equal(kept_files(names), 3);
    w.snapshot->warm.tolerance *= 0.5; /* another retraining, another control */
    lethe_retrained_unref(retrain(&w));
    assert_int_equal(kept_files(names), 5);
    w.training.data_hash[0] = 'f';
    lethe_retrained_unref(retrain(&w));
    assert_int_equal(kept_files(names), 7);
    lethe_snapshot_unref(fewer);
    cloud_close(&w);
    empty_folder();
}

/* ---- selections -------------------------------------------------------------------------------
 */

static struct lethe_selected *choose(const struct cloud_world *w,
                                     const struct lethe_settings *settings)
{
    struct lethe_selected *made = NULL;
    assert_int_equal(lethe_kept_selection(&made, w->snapshot, settings, &w->training, NULL, NULL),
                     LETHE_OK);
    return made;
}

static void same_selection(const struct lethe_selection *a, const struct lethe_selection *b)
{
    assert_ptr_equal(a->method, b->method);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->accepted, b->accepted);
    assert_int_equal(a->samples, b->samples);
    assert_int_equal(a->united, b->united);
    assert_int_equal(a->units, b->units);
    assert_int_equal(a->marginal != NULL, b->marginal != NULL);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->picks[i].unit, b->picks[i].unit);
        assert_int_equal(a->picks[i].votes, b->picks[i].votes);
        assert_memory_equal(&a->picks[i].score, &b->picks[i].score, sizeof(double));
        assert_memory_equal(&a->picks[i].cumulative, &b->picks[i].cumulative, sizeof(double));
    }
    if (a->marginal)
        assert_memory_equal(a->marginal, b->marginal, a->units * sizeof(double));
}

static void every_selector_comes_back(void **state)
{
    (void)state;
    struct cloud_world w;
    char names[MOST][LETHE_HASH_TEXT];
    size_t count = 0, files = 0;
    const struct lethe_select_method *methods = lethe_select_methods(&count);
    cloud_open(&w, NULL, 0);
    w.training.folder = folder;
    for (size_t k = 0; k < count; k++) {
        struct lethe_settings settings;
        struct lethe_selected *plain = NULL;
        lethe_settings_init(&settings);
        assert_int_equal(
            lethe_settings_put(&settings, LETHE_SET_SELECT_METHOD, methods[k].name, NULL), 0);
        assert_int_equal(lethe_settings_put(&settings, LETHE_SET_PERTURB_COUNT, "80", NULL), 0);
        assert_int_equal(lethe_selected_make(&plain, w.snapshot, &settings, NULL, NULL), LETHE_OK);
        for (int again = 0; again < 2; again++) {
            struct lethe_selected *kept = choose(&w, &settings);
            same_selection(&kept->selection, &plain->selection);
            lethe_selected_unref(kept);
        }
        files += strcmp(methods[k].name, "weights") != 0; /* which is made anew */
        assert_int_equal(kept_files(names), files);
        lethe_selected_unref(plain);
    }
    assert_true(files >= 6);
    cloud_close(&w);
    empty_folder();
}

static void only_what_decides_is_selected_again(void **state)
{
    (void)state;
    struct cloud_world w;
    struct lethe_settings settings;
    char names[MOST][LETHE_HASH_TEXT];
    cloud_open(&w, NULL, 0);
    w.training.folder = folder;
    lethe_settings_init(&settings);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_SELECT_METHOD, "gain", NULL), 0);
    lethe_selected_unref(choose(&w, &settings));
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_METHOD, "scrub", NULL), 0);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_BLANKET, "2", NULL), 0);
    lethe_selected_unref(choose(&w, &settings));
    assert_int_equal(kept_files(names), 1);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_SELECT_MAX, "2", NULL), 0);
    struct lethe_selected *two = choose(&w, &settings);
    assert_int_equal(two->selection.count, 2);
    assert_int_equal(kept_files(names), 2);
    lethe_selected_unref(two);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_CURVATURE_SAMPLES, "9", NULL), 0);
    lethe_selected_unref(choose(&w, &settings));
    assert_int_equal(kept_files(names), 3);
    cloud_close(&w);
    empty_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warm_retraining_is_made_once),
        cmocka_unit_test(what_is_kept_is_read),
        cmocka_unit_test(only_what_decides_makes_another),
        cmocka_unit_test(every_selector_comes_back),
        cmocka_unit_test(only_what_decides_is_selected_again),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
