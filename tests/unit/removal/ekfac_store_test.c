/* SPDX-License-Identifier: MIT
 * EKFAC in a store and on disk: whoever needs it while another thread makes it waits for it, also
 * where that thread would pause; the file is private, read only under its name and only whole, and
 * never written to a folder that is no home any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "removal/ekfac_file.h"
#include "removal/ekfac_store.h"
#include "tests/support/folder.h"
#include "removal/stages.h"
#include "tests/support/nets.h"
#include "tests/support/stand.h"

enum { SAMPLES = 24 };

struct made {
    struct net net;
    struct lethe_ekfac_spec spec;
    struct lethe_ekfac *ekfac;
};

static void open_made(struct made *m, uint64_t seed)
{
    m->net = net_open(NET_CONV, SAMPLES, seed);
    const struct lethe_problem_spec over = {.graph = m->net.graph,
                                            .data = m->net.data,
                                            .count = SAMPLES,
                                            .dtype = LETHE_F32,
                                            .batch = 7};
    m->spec = (struct lethe_ekfac_spec){.w = m->net.w, .seed = seed, .draws = 1};
    assert_int_equal(lethe_problem_new(&m->spec.problem, &over, NULL), LETHE_OK);
    assert_int_equal(lethe_ekfac_new(&m->ekfac, &m->spec, NULL, NULL), LETHE_OK);
}

static void close_made(struct made *m)
{
    lethe_ekfac_unref(m->ekfac);
    lethe_problem_free(m->spec.problem);
    net_close(&m->net);
}

static void assert_same(struct made *m, const struct lethe_ekfac *other)
{
    const size_t size = lethe_graph_size(m->net.graph);
    double *a = lethe_alloc(size, sizeof *a), *b = lethe_alloc(size, sizeof *b);
    for (size_t i = 0; i < size; i++)
        a[i] = b[i] = m->net.w[i] - 0.25;
    assert_int_equal(lethe_ekfac_solve(m->ekfac, a, 0.003, NULL), LETHE_OK);
    assert_int_equal(lethe_ekfac_solve(other, b, 0.003, NULL), LETHE_OK);
    assert_memory_equal(a, b, size * sizeof *a);
    lethe_free(a);
    lethe_free(b);
}

/* ---- threads --------------------------------------------------------------------------------- */

struct maker {
    struct lethe_ekfac_store *store;
    struct lethe_watch watch;
    struct made *made;
    const char *name;
};

/* Works like a job of the background lane that has to pause. */
static void *make_it(void *arg)
{
    struct maker *m = arg;
    assert_int_equal(lethe_watch_step(&m->watch, "curvature factors", 1, 2, NULL), LETHE_OK);
    lethe_ekfac_store_keep(m->store, 0, m->name, m->made->ekfac);
    lethe_ekfac_store_unclaim(m->store, m);
    return NULL;
}

static void who_needs_it_waits_for_its_maker(void **state)
{
    (void)state;
    struct made made;
    struct lethe_watch mine;
    char name[LETHE_HASH_TEXT] = "one";
    open_made(&made, 2);
    lethe_watch_init(&mine);
    struct maker maker = {.store = lethe_ekfac_store_new(), .made = &made, .name = name};
    lethe_watch_init(&maker.watch);
    atomic_store(&maker.watch.pause, 1);
    assert_int_equal(lethe_ekfac_store_claim(maker.store, name, &maker, &maker.watch), 1);
    assert_int_equal(lethe_ekfac_store_claim(maker.store, name, &mine, &mine), 0);
    assert_int_equal(lethe_ekfac_store_claim(maker.store, "two", &mine, &mine), 1);
    pthread_t thread;
    pthread_create(&thread, NULL, make_it, &maker);
    assert_int_equal(lethe_ekfac_store_await(maker.store, name, &mine, NULL), LETHE_OK);
    struct lethe_ekfac *found = lethe_ekfac_store_find(maker.store, 0, name);
    assert_ptr_equal(found, made.ekfac);
    lethe_ekfac_unref(found);
    pthread_join(thread, NULL);
    assert_int_equal(lethe_ekfac_store_claim(maker.store, name, &mine, &mine), 1);
    assert_int_equal(lethe_ekfac_store_claim(maker.store, name, &maker, NULL), 0);
    lethe_watch_cancel(&mine); /* waiting can be cancelled */
    assert_int_equal(lethe_ekfac_store_await(maker.store, name, &mine, NULL), LETHE_ECANCEL);
    lethe_ekfac_store_unclaim(maker.store, &mine);
    lethe_ekfac_store_unref(maker.store);
    close_made(&made);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void a_file_is_read_under_its_name_and_whole(void **state)
{
    (void)state;
    struct made made, other;
    struct stat status;
    char name[LETHE_HASH_TEXT], another[LETHE_HASH_TEXT];
    open_made(&made, 2);
    open_made(&other, 4);
    assert_int_equal(lethe_ekfac_file_name(name, &made.spec, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_ekfac_file_name(another, &other.spec, NULL, NULL), LETHE_OK);
    assert_string_not_equal(name, another);
    struct lethe_ekfac_store *store = lethe_ekfac_store_new();
    lethe_ekfac_store_home(store, folder);
    char *path = lethe_ekfac_store_path(store);
    lethe_ekfac_store_write(store, made.ekfac, name);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    struct lethe_ekfac *read = lethe_ekfac_file_read(path, name, &made.spec);
    assert_non_null(read);
    assert_same(&made, read);
    lethe_ekfac_unref(read);
    assert_null(lethe_ekfac_file_read(path, another, &other.spec));
    struct lethe_bytes bytes;
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 24, NULL), LETHE_OK);
    for (size_t at = 0; at < bytes.size; at += 1 + bytes.size / 23) {
        bytes.data[at] ^= 0x10; /* one bit is another */
        assert_int_equal(lethe_file_keep(path, bytes.data, bytes.size, NULL, NULL), LETHE_OK);
        assert_null(lethe_ekfac_file_read(path, name, &made.spec));
        bytes.data[at] ^= 0x10;
    }
    assert_int_equal(lethe_file_keep(path, bytes.data, bytes.size / 2, NULL, NULL), LETHE_OK);
    assert_null(lethe_ekfac_file_read(path, name, &made.spec));
    lethe_free(bytes.data);
    assert_int_equal(lethe_file_remove(path, NULL), LETHE_OK);
    lethe_ekfac_store_home(store, NULL);
    lethe_ekfac_store_write(store, made.ekfac, name);
    assert_false(lethe_file_exists(path));
    assert_null(lethe_ekfac_store_path(store));
    lethe_ekfac_store_unref(store);
    lethe_free(path);
    close_made(&other);
    close_made(&made);
}

/* Drawn labels say little where outputs are nearly certain: in plain layers, where a pass costs
 * little, every class is gone through. */
static void plain_layers_take_every_class(void **state)
{
    static const size_t gone[] = {3};
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct lethe_settings settings;
        struct lethe_ekfac_figures figures;
        struct lethe_ekfac *ekfac = NULL;
        struct net net = net_open((enum net_kind)kind, SAMPLES, 5);
        struct lethe_snapshot *snapshot = stand_open(&net, SAMPLES, gone, 1);
        lethe_settings_init(&settings);
        assert_int_equal(lethe_snapshot_ekfac(&ekfac, snapshot, &settings, NULL, NULL), LETHE_OK);
        lethe_ekfac_read(ekfac, &figures);
        assert_int_equal(figures.draws, kind == NET_PLAIN ? 0 : 1);
        lethe_ekfac_unref(ekfac);
        lethe_snapshot_unref(snapshot);
        net_close(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_layers_take_every_class),
        cmocka_unit_test(who_needs_it_waits_for_its_maker),
        cmocka_unit_test(a_file_is_read_under_its_name_and_whole),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
