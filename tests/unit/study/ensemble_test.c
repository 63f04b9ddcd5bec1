/* SPDX-License-Identifier: MIT
 * Cohorts: which samples, the same bits on any number of threads and in another process, and what
 * groups of models show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "lethe/rng.h"
#include "study/audit_groups.h"
#include "study/ensemble_run.h"
#include "study/mpi_messages.h"
#include "tests/support/blobs.h"

enum { N = 60, FORGET = 5, CLASSES = 3, HELDOUT = 30 };

struct world {
    struct lethe_snapshot *snapshot;
    struct lethe_training_context training;
    struct lethe_ensemble ensemble;
};

static void begin(struct world *w, const size_t *widths, double share)
{
    size_t forget[FORGET] = {3, 8, 17, 18, 44}, retain[N - FORGET], tune[HELDOUT], at = 0, next = 0;
    for (size_t i = 0; i < N; i++)
        if (next < FORGET && forget[next] == i)
            next++;
        else
            retain[at++] = i;
    for (size_t i = 0; i < HELDOUT; i++)
        tune[i] = i;
    struct lethe_graph *graph = blobs_net(widths);
    double *w0 = lethe_alloc_zero(lethe_graph_size(graph), sizeof *w0);
    struct lethe_snapshot from = {.graph = graph,
                                  .train = blobs(N, widths[0], CLASSES, 5),
                                  .heldout = blobs(HELDOUT, widths[0], CLASSES, 6),
                                  .w = w0,
                                  .decay = 1e-2,
                                  .trained_on = N,
                                  .whole = 1,
                                  .seed = 4,
                                  .dtype = LETHE_F64,
                                  .forget = {forget, FORGET},
                                  .retain = {retain, N - FORGET},
                                  .tune = {tune, HELDOUT}};
    memset(w, 0, sizeof *w);
    assert_int_equal(lethe_snapshot_new(&w->snapshot, &from, NULL), LETHE_OK);
    lethe_dataset_unref(from.train);
    lethe_dataset_unref(from.heldout);
    lethe_graph_unref(graph);
    lethe_free(w0);
    w->training.recipe = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    w->training.threads = 1;
    w->ensemble =
        (struct lethe_ensemble){.snapshot = w->snapshot, .training = &w->training, .share = share};
    lethe_settings_init(&w->ensemble.settings);
    assert_int_equal(lethe_settings_put(&w->ensemble.settings, LETHE_SET_BLANKET, "all", NULL),
                     LETHE_OK);
}

static void end(struct world *w)
{
    lethe_snapshot_unref(w->snapshot);
}

static const size_t regression[] = {4, CLASSES, 0}, net[] = {4, 5, CLASSES, 0};

static void a_share_holds_all_that_is_to_be_forgotten(void **state)
{
    (void)state;
    struct world w;
    begin(&w, regression, 0.5);
    struct lethe_ids one = {0}, other = {0}, without = {0};
    assert_int_equal(lethe_ensemble_ids(&one, &w.ensemble, 1, 1, NULL), LETHE_OK);
    assert_int_equal(lethe_ensemble_ids(&other, &w.ensemble, 2, 1, NULL), LETHE_OK);
    assert_int_equal(lethe_ensemble_ids(&without, &w.ensemble, 1, 0, NULL), LETHE_OK);
    assert_int_equal(one.count, 28 + FORGET);
    assert_int_equal(without.count, 28);
    size_t held = 0, same = 0;
    for (size_t i = 0; i < one.count; i++) {
        assert_true(!i || one.at[i] > one.at[i - 1]);
        for (size_t k = 0; k < FORGET; k++)
            held += w.snapshot->forget.at[k] == one.at[i];
        same += one.at[i] == other.at[i];
    }
    assert_int_equal(held, FORGET);
    assert_true(same < one.count);
    for (size_t i = 0; i < without.count; i++)
        for (size_t k = 0; k < FORGET; k++)
            assert_true(without.at[i] != w.snapshot->forget.at[k]);
    lethe_free(one.at);
    lethe_free(other.at);
    lethe_free(without.at);
    w.ensemble.share = 1;
    assert_int_equal(lethe_ensemble_ids(&one, &w.ensemble, 1, 1, NULL), LETHE_OK);
    assert_int_equal(one.count, N);
    lethe_free(one.at);
    end(&w);
}

static void init_all(struct lethe_member members[6], const struct lethe_ensemble *ensemble)
{
    for (size_t k = 0; k < 6; k++)
        assert_int_equal(lethe_member_init(&members[k], ensemble,
                                           k < 3 ? LETHE_MEMBER_ORIGINAL : LETHE_MEMBER_RETRAIN, k,
                                           10 + k, NULL),
                         LETHE_OK);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    struct world w;
    struct lethe_member one[6], three[6];
    begin(&w, net, 1);
    init_all(one, &w.ensemble);
    init_all(three, &w.ensemble);
    assert_int_equal(lethe_ensemble_make(one, 6, &w.ensemble, "training", NULL, NULL), LETHE_OK);
    w.training.threads = 3;
    assert_int_equal(lethe_ensemble_make(three, 6, &w.ensemble, "training", NULL, NULL), LETHE_OK);
    for (size_t k = 0; k < 6; k++) {
        assert_true(one[k].made && three[k].made && one[k].kept.report.converged);
        assert_memory_equal(one[k].kept.w, three[k].kept.w,
                            one[k].kept.size * sizeof *one[k].kept.w);
        lethe_member_release(&one[k]);
        lethe_member_release(&three[k]);
    }
    end(&w);
}

static double distance(const double *a, const double *b, size_t n)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

/* Softmax regression has one minimum, and one step from it lands near the other. */
static void a_removal_comes_near_its_retrain(void **state)
{
    (void)state;
    struct world w;
    struct lethe_member original, removed, retrain;
    begin(&w, regression, 0.7);
    lethe_member_init(&original, &w.ensemble, LETHE_MEMBER_ORIGINAL, 9, 1, NULL);
    lethe_member_init(&retrain, &w.ensemble, LETHE_MEMBER_RETRAIN, 9, 2, NULL);
    lethe_member_init(&removed, &w.ensemble, LETHE_MEMBER_REMOVAL, 9, 1, NULL);
    assert_int_equal(lethe_ensemble_one(&original, &w.ensemble, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_ensemble_one(&retrain, &w.ensemble, NULL, NULL), LETHE_OK);
    removed.from = original.kept.w;
    assert_int_equal(lethe_ensemble_one(&removed, &w.ensemble, NULL, NULL), LETHE_OK);
    const double far = distance(original.kept.w, retrain.kept.w, original.kept.size);
    const double near = distance(removed.kept.w, retrain.kept.w, original.kept.size);
    assert_true(near < far / 3);
    lethe_member_release(&original);
    lethe_member_release(&retrain);
    lethe_member_release(&removed);
    end(&w);
}

/* What a rank does with a member, without the ranks. */
static void travel(struct lethe_member *back, const struct lethe_member *member,
                   const struct lethe_ensemble *ensemble)
{
    struct lethe_pack bytes = {0}, message = {0}, answer = {0};
    struct lethe_ensemble_copy copy;
    struct lethe_settings settings = {0};
    struct lethe_member there;
    struct lethe_error err = {0};
    size_t item = 0;
    double *from = lethe_alloc(member->kept.size, sizeof *from);
    assert_int_equal(lethe_mpi_encode_ensemble(&bytes, ensemble, &err), LETHE_OK);
    assert_int_equal(lethe_mpi_decode_ensemble(&copy, bytes.at, bytes.count, &err), LETHE_OK);
    lethe_mpi_encode_member(&message, 21, member);
    assert_int_equal(lethe_mpi_decode_member(&item, &there, from, &settings, &copy.ensemble,
                                             message.at, message.count, &err),
                     LETHE_OK);
    assert_int_equal(item, 21);
    enum lethe_err code = lethe_ensemble_one(&there, &copy.ensemble, NULL, &err);
    lethe_mpi_encode_answer(&answer, item, &there, code, &err);
    assert_int_equal(lethe_mpi_decode_item(answer.at), 21);
    assert_int_equal(lethe_mpi_decode_answer(back, answer.at, answer.count, &err), LETHE_OK);
    lethe_member_release(&there);
    lethe_ensemble_copy_release(&copy);
    lethe_pack_release(&bytes);
    lethe_pack_release(&message);
    lethe_pack_release(&answer);
    lethe_free(from);
}

static void another_process_makes_the_same_bits(void **state)
{
    (void)state;
    static const enum lethe_member_kind kinds[] = {LETHE_MEMBER_RETRAIN, LETHE_MEMBER_ORIGINAL,
                                                   LETHE_MEMBER_REMOVAL};
    struct world w;
    struct lethe_member here, there;
    begin(&w, net, 0.8);
    double *from = NULL;
    for (size_t k = 0; k < 3; k++) {
        lethe_member_init(&here, &w.ensemble, kinds[k], 2, 31, NULL);
        lethe_member_init(&there, &w.ensemble, kinds[k], 2, 31, NULL);
        here.from = there.from = from;
        assert_int_equal(lethe_ensemble_one(&here, &w.ensemble, NULL, NULL), LETHE_OK);
        travel(&there, &there, &w.ensemble);
        assert_true(there.made);
        assert_memory_equal(here.kept.w, there.kept.w, here.kept.size * sizeof *here.kept.w);
        assert_int_equal(here.kept.report.iterations, there.kept.report.iterations);
        if (k == 1) {
            from = here.kept.w;
            here.kept.w = NULL;
        }
        lethe_member_release(&here);
        lethe_member_release(&there);
    }
    lethe_free(from);
    end(&w);
}

static void broken_messages_are_refused(void **state)
{
    (void)state;
    struct world w;
    struct lethe_pack bytes = {0};
    struct lethe_ensemble_copy copy;
    struct lethe_member member;
    begin(&w, net, 1);
    assert_int_equal(lethe_mpi_encode_ensemble(&bytes, &w.ensemble, NULL), LETHE_OK);
    for (size_t cut = 0; cut < bytes.count; cut += 1 + bytes.count / 97) {
        assert_int_not_equal(lethe_mpi_decode_ensemble(&copy, bytes.at, cut, NULL), LETHE_OK);
        lethe_ensemble_copy_release(&copy);
    }
    for (long n = 0; n < 40; n++) {
        lethe_alloc_fail_after(n);
        enum lethe_err code = lethe_mpi_decode_ensemble(&copy, bytes.at, bytes.count, NULL);
        lethe_alloc_fail_after(-1);
        assert_true(code != LETHE_OK || n > 10);
        lethe_ensemble_copy_release(&copy);
    }
    lethe_pack_release(&bytes);
    /* an error travels as it is */
    struct lethe_error err = {0}, back = {0};
    lethe_member_init(&member, &w.ensemble, LETHE_MEMBER_RETRAIN, 0, 1, NULL);
    lethe_fail(&err, LETHE_ENUM, "singular at 2.385");
    lethe_error_at(&err, "somewhere");
    lethe_mpi_encode_answer(&bytes, 3, &member, LETHE_ENUM, &err);
    assert_int_equal(lethe_mpi_decode_answer(&member, bytes.at, bytes.count, &back), LETHE_ENUM);
    assert_string_equal(back.message, err.message);
    assert_string_equal(back.where, err.where);
    lethe_member_release(&member);
    lethe_pack_release(&bytes);
    end(&w);
}

/* ---- groups -----------------------------------------------------------------------------------
 */

/* Margins of 32 models a group: normal, the forget samples' moved by `before` and `now`. */
static void draw(struct lethe_audit_records *r, double before, double now)
{
    const double moved[LETHE_GROUPS] = {before, now, 0};
    struct lethe_rng rng;
    *r = (struct lethe_audit_records){.n = 32, .count = {6, 20, 40}, .classes = 2};
    lethe_rng_init(&rng, 12, LETHE_RNG_TEST, 0, 0);
    for (int s = 0; s < 3; s++) {
        r->labels[s] = lethe_alloc(r->count[s], sizeof(int));
        for (size_t i = 0; i < r->count[s]; i++)
            r->labels[s][i] = (int)(i % 2);
        for (int g = 0; g < LETHE_GROUPS; g++) {
            r->phi[g][s] = lethe_alloc(r->n * r->count[s], sizeof(double));
            for (size_t i = 0; i < r->n * r->count[s]; i++)
                r->phi[g][s][i] = lethe_rng_normal(&rng) + (s ? 0 : moved[g]);
        }
    }
}

static void groups_apart_are_told_apart(void **state)
{
    (void)state;
    struct lethe_audit_records r;
    struct lethe_group_figures before, now, chance;
    double auc[3 * 32], mean[2][3] = {{0}};
    draw(&r, 6, 0);
    assert_int_equal(lethe_audit_groups_measure(&before, &r, LETHE_BEFORE, NULL), LETHE_OK);
    assert_int_equal(lethe_audit_groups_measure(&now, &r, LETHE_NOW, NULL), LETHE_OK);
    assert_int_equal(lethe_audit_groups_shuffled(&chance, &r, 1, 0, NULL), LETHE_OK);
    assert_true(before.at[LETHE_GROUP_ULIRA].value > 0.98);
    assert_true(fabs(now.at[LETHE_GROUP_ULIRA].value - 0.5) < 0.1);
    assert_true(fabs(chance.at[LETHE_GROUP_ULIRA].value - 0.5) < 0.1);
    assert_true(before.at[LETHE_GROUP_KLOM].value > 5);
    assert_true(now.at[LETHE_GROUP_KLOM].value < 4 && chance.at[LETHE_GROUP_KLOM].value < 4);
    assert_true(before.at[LETHE_GROUP_FORGETTING].value < now.at[LETHE_GROUP_FORGETTING].value);
    for (int attack = 0; attack < 2; attack++) {
        assert_int_equal(attack ? lethe_audit_groups_rmia(auc, &r, 3, NULL)
                                : lethe_audit_groups_lira(auc, &r, 3, NULL),
                         LETHE_OK);
        for (size_t k = 0; k < 96; k++)
            mean[attack][k / 32] += auc[k] / 32;
        assert_true(mean[attack][LETHE_BEFORE] > 0.9);
        assert_true(fabs(mean[attack][LETHE_NOW] - 0.5) < 0.1);
        assert_true(fabs(mean[attack][LETHE_RETRAINED] - 0.5) < 0.1);
    }
    r.n = 5; /* too few for two groups, enough for references */
    assert_int_equal(lethe_audit_groups_measure(&now, &r, LETHE_NOW, NULL), LETHE_OK);
    assert_string_equal(now.at[LETHE_GROUP_ULIRA].note, "n/a (N = 5, needs 32)");
    assert_int_equal(lethe_audit_groups_lira(auc, &r, 3, NULL), LETHE_OK);
    assert_true(auc[0] >= 0);
    r.n = 1;
    assert_int_equal(lethe_audit_groups_lira(auc, &r, 3, NULL), LETHE_OK);
    assert_true(isnan(auc[0]) && isnan(auc[2]));
    lethe_audit_records_release(&r);
}

static void memory_failures_are_reported(void **state)
{
    (void)state;
    struct lethe_audit_records r;
    struct lethe_group_figures figures;
    double auc[3 * 32];
    draw(&r, 1, 1);
    for (long n = 0; n < 3; n++) {
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_audit_groups_lira(auc, &r, 3, NULL), LETHE_ENOMEM);
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_audit_groups_rmia(auc, &r, 3, NULL), LETHE_ENOMEM);
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_audit_groups_shuffled(&figures, &r, 3, 1, NULL), LETHE_ENOMEM);
        lethe_alloc_fail_after(-1);
    }
    lethe_audit_records_release(&r);
    struct world w;
    struct lethe_member members[6];
    begin(&w, regression, 0.5);
    init_all(members, &w.ensemble);
    for (long n = 0; n < 40; n += 3) {
        lethe_alloc_fail_after(n);
        enum lethe_err code = lethe_ensemble_make(members, 1, &w.ensemble, "training", NULL, NULL);
        lethe_alloc_fail_after(-1);
        assert_true(code == LETHE_ENOMEM || code == LETHE_OK);
        assert_int_equal(members[0].made, code == LETHE_OK);
        members[0].made = 0;
    }
    for (size_t k = 0; k < 6; k++)
        lethe_member_release(&members[k]);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_holds_all_that_is_to_be_forgotten),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(a_removal_comes_near_its_retrain),
        cmocka_unit_test(another_process_makes_the_same_bits),
        cmocka_unit_test(broken_messages_are_refused),
        cmocka_unit_test(groups_apart_are_told_apart),
        cmocka_unit_test(memory_failures_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
