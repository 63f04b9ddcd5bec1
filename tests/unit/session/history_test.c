/* SPDX-License-Identifier: MIT */
#include "tests/support/session_world.h"

#include "base/alloc.h"

static struct lethe_error err;

static void weights_come_back_bit_for_bit_through_a_long_chain(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    double expected[SIZE], w[SIZE];
    weights(expected, 1);
    expected[3] = -0.0;
    for (size_t step = 0; step < 80; step++) {
        expected[step % SIZE] = 1.0 / (double)(step + 3);
        expected[(2 * step) % SIZE] = nextafter(expected[(2 * step) % SIZE], 10);
        struct lethe_commit c = {.kind = "train", .w = expected, .seed = step};
        assert_int_equal(lethe_session_commit(s, NULL, &c, &err), LETHE_OK);
        weights_of(w, lethe_session_head(s));
        assert_memory_equal(w, expected, sizeof w);
        assert_true(lethe_state_changed(lethe_session_head(s)) <= 3);
    }
    assert_int_equal(lethe_session_count(s), 81);
    lethe_session_close(s);
}

static void states_outlive_their_session(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    commit_ok(s, 17);
    double before[SIZE], after[SIZE];
    struct lethe_state *kept = lethe_state_ref(lethe_session_head(s));
    weights_of(before, kept);
    lethe_session_close(s);
    weights_of(after, kept);
    assert_memory_equal(before, after, sizeof before);
    assert_string_equal(lethe_state_kind(lethe_state_parent(kept)), "root");
    lethe_state_unref(kept);
}

static void id_covers_parent_ids_settings_seed_and_bits_only(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    double w[SIZE];
    weights(w, 2);
    size_t ids[] = {3, 9};
    struct lethe_pairs damping = {0}, other = {0};
    lethe_pairs_set(&damping, "damping", "0", &err);
    lethe_pairs_set(&other, "damping", "0.1", &err);
    struct lethe_commit base = {.kind = "forget", .forget = ids, .forget_count = 2, .w = w};
    base.settings = &damping;
    struct lethe_commit variants[6] = {base, base, base, base, base, base};
    variants[1].time = 99;
    variants[1].metrics = "{}";
    variants[1].message = "other words";
    variants[2].seed = 1;
    variants[3].settings = &other;
    variants[4].forget_count = 1;
    char id[6][LETHE_HASH_HEX];
    for (int i = 0; i < 6; i++) {
        if (i == 5)
            w[0] = nextafter(w[0], 10);
        assert_int_equal(lethe_session_commit(s, NULL, &variants[i], &err), LETHE_OK);
        memcpy(id[i], head_id(s), sizeof id[i]);
        assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    }
    assert_string_equal(id[0], id[1]);
    for (int i = 2; i < 6; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(id[i], id[j]);
    assert_int_equal(lethe_session_count(s), 6); /* the first two are one state */
    lethe_pairs_release(&damping);
    lethe_pairs_release(&other);
    lethe_session_close(s);
}

/* Computed by another program (hashlib of Python over the bytes that state.c describes): the format
 * of ids must not drift between versions. */
static void id_has_its_known_value(void **state)
{
    (void)state;
    double w[2] = {1.5, -0.0};
    struct lethe_source named = {.path = "m", .model_hash = "M", .data_hash = "D"};
    struct lethe_session *s = NULL;
    assert_int_equal(lethe_session_new(&s, NULL, &named, w, 2, &err), LETHE_OK);
    assert_string_equal(lethe_state_weights_hash(lethe_session_head(s)),
                        "c6193a9253a7e29bc407738e870f69afcda25c56bddd1c4f23d299cac8bc498c");
    assert_string_equal(head_id(s),
                        "d27b0beb213b639071c19981b3776910d91ff1d695dac8af49003f111406cf01");
    lethe_session_close(s);
}

/* The root's weights are the caller's own block, which outlives him; a commit has its own. */
static void shared_weights_are_there_once(void **state)
{
    (void)state;
    double *w = lethe_alloc(2, sizeof *w);
    w[0] = 1.5;
    w[1] = 2.5;
    struct lethe_shared *weights = lethe_shared_new(w), *of;
    struct lethe_source named = {.path = "m", .model_hash = "M", .data_hash = "D"};
    struct lethe_session *s = NULL;
    assert_int_equal(lethe_session_share(&s, NULL, &named, weights, 2, &err), LETHE_OK);
    lethe_shared_unref(weights);
    assert_non_null(of = lethe_state_share(lethe_session_head(s)));
    assert_ptr_equal(lethe_shared_read(of), w);
    lethe_shared_unref(of);
    const double after[2] = {-1, -2};
    const struct lethe_commit commit = {.kind = "train", .w = after};
    assert_int_equal(lethe_session_commit(s, NULL, &commit, &err), LETHE_OK);
    assert_non_null(of = lethe_state_share(lethe_session_head(s)));
    assert_ptr_not_equal(lethe_shared_read(of), after);
    assert_memory_equal(lethe_shared_read(of), after, sizeof after);
    lethe_session_close(s);
    assert_memory_equal(lethe_shared_read(of), after, sizeof after);
    lethe_shared_unref(of);
}

static void undo_and_redo_walk_and_a_new_commit_ends_redo(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    char root[LETHE_HASH_HEX], one[LETHE_HASH_HEX], two[LETHE_HASH_HEX];
    strcpy(root, head_id(s));
    assert_int_equal(lethe_session_undo(s, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "nothing to undo"));
    commit_ok(s, 1);
    strcpy(one, head_id(s));
    commit_ok(s, 2);
    strcpy(two, head_id(s));
    assert_int_equal(lethe_session_redo(s, &err), LETHE_EARG);
    assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    assert_string_equal(head_id(s), root);
    assert_int_equal(lethe_session_redo(s, &err), LETHE_OK);
    assert_string_equal(head_id(s), one);
    assert_int_equal(lethe_session_redo(s, &err), LETHE_OK);
    assert_string_equal(head_id(s), two);
    assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    commit_ok(s, 3);
    assert_false(lethe_session_can_redo(s));
    struct lethe_state *found;
    assert_int_equal(lethe_session_find(&found, s, two, &err), LETHE_OK); /* nothing is lost */
    lethe_session_close(s);
}

static void forgotten_is_the_union_along_the_chain(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    size_t *ids, count;
    commit_ok(s, 30);
    commit_ok(s, 4);
    commit_ok(s, 17);
    assert_int_equal(lethe_state_forgotten(&ids, &count, lethe_session_head(s), &err), LETHE_OK);
    assert_int_equal(count, 3);
    assert_true(ids[0] == 4 && ids[1] == 17 && ids[2] == 30);
    lethe_free(ids);
    assert_int_equal(forget_one(s, 4, 3, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "sample 4 was forgotten already"));
    assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    assert_int_equal(lethe_state_forgotten(&ids, &count, lethe_session_head(s), &err), LETHE_OK);
    assert_int_equal(count, 2);
    lethe_free(ids);
    lethe_session_close(s);
}

static void branches_move_with_their_head(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    char main_head[LETHE_HASH_HEX];
    assert_string_equal(lethe_session_on(s), "main");
    commit_ok(s, 1);
    strcpy(main_head, head_id(s));
    assert_int_equal(lethe_session_branch(s, "try", &err), LETHE_OK);
    assert_string_equal(lethe_session_on(s), "try");
    commit_ok(s, 2);
    assert_int_equal(lethe_session_branch(s, "try", &err), LETHE_EARG);
    assert_int_equal(lethe_session_branch(s, "no spaces", &err), LETHE_EARG);
    assert_int_equal(lethe_session_branch(s, "deadbeef", &err), LETHE_EARG);
    assert_int_equal(lethe_session_branch(s, "head", &err), LETHE_EARG);
    assert_int_equal(lethe_session_checkout(s, "main", &err), LETHE_OK);
    assert_string_equal(head_id(s), main_head);
    assert_int_equal(lethe_session_branch_count(s), 2);
    struct lethe_state *at;
    assert_string_equal(lethe_session_branch_name(s, 1, &at), "try");
    assert_ptr_equal(lethe_state_parent(at), lethe_session_head(s));
    assert_int_equal(lethe_session_checkout(s, "root", &err), LETHE_OK);
    assert_string_equal(lethe_session_on(s), "");
    assert_string_equal(lethe_session_branch_name(s, 0, &at), "main");
    assert_string_equal(lethe_state_id(at), main_head);
    lethe_session_close(s);
}

static void names_are_resolved_or_refused(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    struct lethe_state *found;
    for (size_t id = 0; id < 40; id++)
        commit_ok(s, id);
    struct lethe_state *head = lethe_session_head(s);
    char prefix[9] = "";
    memcpy(prefix, head_id(s), 8);
    assert_int_equal(lethe_session_find(&found, s, prefix, &err), LETHE_OK);
    assert_ptr_equal(found, head);
    assert_int_equal(lethe_session_find(&found, s, "head~2", &err), LETHE_OK);
    assert_ptr_equal(found, lethe_state_parent(lethe_state_parent(head)));
    assert_int_equal(lethe_session_find(&found, s, "main~", &err), LETHE_OK);
    assert_ptr_equal(found, lethe_state_parent(head));
    assert_int_equal(lethe_session_find(&found, s, "head~40", &err), LETHE_OK);
    assert_ptr_equal(found, lethe_session_state(s, 0));
    const char *bad[] = {"head~41", "head~x", "head~-1", "nobody",
                         "",        "~1",     "abc",     "ffffffffffffffffffffffffffffffff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lethe_session_find(&found, s, bad[i], &err), LETHE_EARG);
    lethe_session_close(s);
}

static void unfit_commits_change_nothing(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    double w[SIZE];
    weights(w, 3);
    w[7] = NAN;
    struct lethe_commit c = {.kind = "forget", .w = w};
    assert_int_equal(lethe_session_commit(s, NULL, &c, &err), LETHE_ENUM);
    assert_non_null(strstr(err.message, "weight 7"));
    w[7] = 0;
    for (long n = 0; n < 40; n++) {
        lethe_alloc_fail_after(n);
        enum lethe_err code = lethe_session_commit(s, NULL, &c, &err);
        lethe_alloc_fail_after(-1);
        if (!code)
            break;
        assert_int_equal(code, LETHE_ENOMEM);
        assert_int_equal(lethe_session_count(s), 1);
        assert_ptr_equal(lethe_session_head(s), lethe_session_state(s, 0));
        assert_true(n < 39);
    }
    assert_int_equal(lethe_session_count(s), 2);
    lethe_session_close(s);
}

static void draft_and_journal_keep_their_order(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    lethe_session_draft_set(s, "forget", "17", &err);
    lethe_session_draft_set(s, "damping", "1e-3", &err);
    lethe_session_draft_set(s, "forget", "17,18", &err);
    const struct lethe_pairs *draft = lethe_session_draft(s);
    assert_int_equal(draft->count, 2);
    assert_string_equal(draft->at[0].value, "17,18");
    assert_string_equal(lethe_pairs_get(draft, "damping"), "1e-3");
    assert_null(lethe_pairs_get(draft, "form"));
    lethe_session_note(s, "forget add 17", &err);
    commit_ok(s, 17);
    lethe_session_note(s, "commit", &err);
    const char *head;
    assert_int_equal(lethe_session_note_count(s), 2);
    assert_string_equal(lethe_session_note_line(s, 0, &head), "forget add 17");
    assert_string_equal(head, lethe_state_id(lethe_session_state(s, 0)));
    assert_string_equal(lethe_session_note_line(s, 1, &head), "commit");
    assert_string_equal(head, head_id(s));
    lethe_session_draft_clear(s);
    assert_int_equal(lethe_session_draft(s)->count, 0);
    lethe_session_close(s);
}

static void model_and_data_are_compared(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    assert_int_equal(lethe_session_check(s, "modelhash", "datahash", &err), LETHE_OK);
    assert_int_equal(lethe_session_check(s, "changed", "datahash", &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "the model of 'digits.bundle' changed"));
    assert_int_equal(lethe_session_check(s, "modelhash", "changed", &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "the samples of this session are not those of"));
    lethe_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_come_back_bit_for_bit_through_a_long_chain),
        cmocka_unit_test(states_outlive_their_session),
        cmocka_unit_test(id_covers_parent_ids_settings_seed_and_bits_only),
        cmocka_unit_test(id_has_its_known_value),
        cmocka_unit_test(shared_weights_are_there_once),
        cmocka_unit_test(undo_and_redo_walk_and_a_new_commit_ends_redo),
        cmocka_unit_test(forgotten_is_the_union_along_the_chain),
        cmocka_unit_test(branches_move_with_their_head),
        cmocka_unit_test(names_are_resolved_or_refused),
        cmocka_unit_test(unfit_commits_change_nothing),
        cmocka_unit_test(draft_and_journal_keep_their_order),
        cmocka_unit_test(model_and_data_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
