/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "workbench/verdict.h"

static struct lethe_shown shown(double before, double now, double retrain)
{
    return (struct lethe_shown){
        .before = before, .now = now, .retrain = retrain, .sd = NAN, .z = NAN};
}

/* A class of 146 samples that retraining forgets, with a step that did nothing yet. */
static struct lethe_verdict_facts class_forgotten(void)
{
    return (struct lethe_verdict_facts){.units = 3,
                                        .parameters = 99,
                                        .forget = 146,
                                        .accuracy = shown(1, 1, 0),
                                        .retain = shown(1, 1, 1),
                                        .heldout = shown(.94, .94, .85),
                                        .kl = shown(6, 6, 0),
                                        .recovery = 0,
                                        .reach = NAN,
                                        .objective_before = NAN,
                                        .objective_now = NAN,
                                        .curvature = 1291,
                                        .retained = 1291,
                                        .possible = 1};
}

static void says(const struct lethe_verdict_facts *facts, enum lethe_verdict_kind kind,
                 const char *text, const char *keys)
{
    struct lethe_verdict verdict;
    struct lethe_text out = {0};
    lethe_verdict_make(&verdict, facts);
    lethe_verdict_put(&out, &verdict, 0);
    assert_string_equal(lethe_text_get(&out), text);
    assert_int_equal(verdict.kind, kind);
    lethe_text_clear(&out);
    lethe_verdict_put(&out, &verdict, 1);
    assert_non_null(strstr(lethe_text_get(&out), keys));
    lethe_text_release(&out);
}

static void points_are_told_against_retraining(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.accuracy.now = .85;
    facts.kl.now = 5;
    says(&facts, LETHE_VERDICT_PART,
         "15 of 100 points of forgetting: not enough; try the whole network: 'blanket all'",
         "the whole network: A");
    facts.curvature = 100; /* single weights follow the whole step, which has to be right first */
    facts.weights = 1;
    says(&facts, LETHE_VERDICT_PART,
         "15 of 100 points of forgetting: not enough; try all samples: 'curvature samples=1291'",
         "':curvature samples=1291'");
    facts.curvature = 1291;
    facts.weights = 0;
    facts.accuracy.now = .3;
    says(&facts, LETHE_VERDICT_PART,
         "70 of 100 points of forgetting: most of the way; try the whole network: 'blanket all'",
         "A");
    facts.accuracy.now = .02;
    facts.heldout.now = .81;
    says(&facts, LETHE_VERDICT_REACHED,
         "98 of 100 points of forgetting, at 4.0 points of held-out accuracy more than retraining "
         "costs; 'commit' keeps it",
         "c keeps it");
    facts.all = 1;
    facts.accuracy.now = .85;
    facts.heldout.now = .9;
    says(&facts, LETHE_VERDICT_PART,
         "15 of 100 points of forgetting: not enough; try 'update steps=3'", "':update steps=3'");
    facts.damping = 1e-7;
    says(&facts, LETHE_VERDICT_PART,
         "15 of 100 points of forgetting: not enough; try less damping: 'damping 0'",
         "':damping 0'");
    facts.damping = 1e-2;
    says(&facts, LETHE_VERDICT_PART,
         "15 of 100 points of forgetting: not enough; try less damping: 'damping 0.001'",
         "':damping 0.001'");
}

static void harm_comes_before_all_else(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.reach = .01;
    facts.nothing = 1;
    facts.retain.now = .71;
    says(&facts, LETHE_VERDICT_WORSE,
         "worse than doing nothing: of the retained samples 71.0 % are right, before 100.0 %; try "
         "more damping: 'damping 0.001'",
         "':damping 0.001'");
    facts.curvature = 100;
    says(&facts, LETHE_VERDICT_WORSE,
         "worse than doing nothing: of the retained samples 71.0 % are right, before 100.0 %; try "
         "all samples: 'curvature samples=1291'",
         "':curvature samples=1291'");
    facts = class_forgotten();
    facts.damping = .01;
    facts.kl = shown(.3, .84, 0);
    says(&facts, LETHE_VERDICT_WORSE,
         "worse than doing nothing: KL to retraining 0.84, before 0.3; try more damping: 'damping "
         "0.1'",
         "more damping");
    facts.damping = 3e-8; /* ten times as much would still be none */
    says(&facts, LETHE_VERDICT_WORSE,
         "worse than doing nothing: KL to retraining 0.84, before 0.3; try more damping: 'damping "
         "0.001'",
         "more damping");
    facts.damping = .01;
    facts.kl = shown(6, 1, 0);
    facts.heldout.now = .5;
    says(&facts, LETHE_VERDICT_WORSE,
         "worse than doing nothing: held-out accuracy 50.0 %, with retraining 85.0 %; try more "
         "damping: 'damping 0.1'",
         "more damping");
}

static void the_blanket_is_told_when_it_is_too_small(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.reach = .014;
    says(&facts, LETHE_VERDICT_REACH,
         "this blanket reaches 1.4 % of what the whole network could do; 'blanket all', or 'select "
         "method=gain'",
         "A, or ':select method=gain'");
    facts.all = 1; /* the whole network reaches itself */
    says(&facts, LETHE_VERDICT_PART,
         "0 of 100 points of forgetting: not enough; try 'update steps=3'", "update");
    facts = class_forgotten();
    facts.units = 0;
    says(&facts, LETHE_VERDICT_EMPTY,
         "the blanket is empty: nothing would change; try 'blanket 3' or 'select method=gain'",
         "takes a unit");
}

static void single_samples_are_told_by_their_distance(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.forget = 1;
    facts.accuracy = shown(1, 1, 1);
    facts.heldout = shown(.94, .94, .94);
    facts.kl = shown(2.1, .003, 0);
    facts.recovery = .96;
    says(&facts, LETHE_VERDICT_REACHED,
         "700 times nearer to retraining than before; 'commit' keeps it", "c keeps it");
    facts.kl.now = 1.4;
    facts.recovery = .3;
    says(&facts, LETHE_VERDICT_PART,
         "1.5 times nearer to retraining than before: not enough; try the whole network: 'blanket "
         "all'",
         "A");
    facts.nothing = 1;
    says(&facts, LETHE_VERDICT_NOTHING,
         "nothing to unlearn: retraining without this sample changes no more than chance does", "");
}

static void without_retraining_nothing_is_promised(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.accuracy = shown(1, .85, NAN);
    facts.kl = shown(NAN, NAN, NAN);
    facts.heldout.retrain = NAN;
    says(&facts, LETHE_VERDICT_UNKNOWN,
         "forget accuracy went from 100.0 to 85.0 %; how far retraining goes is not known yet; "
         "'retrain warm' tells",
         "r tells");
    facts.under_way = 1;
    says(&facts, LETHE_VERDICT_UNKNOWN,
         "forget accuracy went from 100.0 to 85.0 %; how far retraining goes is not known yet; "
         "retraining is under way",
         "under way");
    facts.under_way = facts.possible = 0;
    says(&facts, LETHE_VERDICT_UNKNOWN,
         "forget accuracy went from 100.0 to 85.0 %; there is no retraining to compare with here; "
         "'commit' keeps it",
         "c keeps it");
}

static void a_rising_objective_is_harm_where_nothing_else_is_known(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.accuracy = shown(1, .85, NAN);
    facts.kl = shown(NAN, NAN, NAN);
    facts.heldout.retrain = NAN;
    facts.objective_before = .03;
    facts.objective_now = .2;
    facts.promised = -1e-3;
    says(&facts, LETHE_VERDICT_WORSE,
         "worse than doing nothing: the retained objective rises from 0.03 to 0.2 where the step "
         "promised to lower it; try more damping: 'damping 0.001'",
         "more damping");
}

/* Retraining that goes on to a minimum is no yardstick in KL; points of accuracy and harm to others
 * are told all the same. */
static void unfinished_training_is_said(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.unfinished = 1;
    facts.all = 1;
    facts.forget = 1;
    facts.accuracy = shown(1, 1, 1);
    facts.kl = shown(.327, .401, 0);
    says(&facts, LETHE_VERDICT_UNFINISHED,
         "the model was not trained to a minimum, and retraining goes on to one: what it changes "
         "does "
         "not tell what this removal did; 'train continue' first",
         "':train continue' first");
    facts.retain.now = .71;
    says(&facts, LETHE_VERDICT_WORSE,
         "worse than doing nothing: of the retained samples 71.0 % are right, before 100.0 %; try "
         "more damping: 'damping 0.001'",
         "more damping");
    facts = class_forgotten();
    facts.unfinished = 1;
    facts.accuracy.now = 0;
    facts.heldout.now = .85;
    facts.kl.now = .1;
    says(&facts, LETHE_VERDICT_REACHED, "100 of 100 points of forgetting; 'commit' keeps it",
         "c keeps it");
}

/* No powers of ten in a sentence. */
static void times_are_numbers_people_read(void **state)
{
    (void)state;
    static const struct {
        double now;
        const char *times;
    } cases[] = {{3. / 13.34, "13.3"},           {3. / 999.4, "999"},
                 {3. / 119432., "119,000"},      {3. / 3.34e6, "3,340,000"},
                 {1e-15, "more than a billion"}, {3. / 1234., "1,230"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct lethe_verdict_facts facts = class_forgotten();
        char text[120];
        facts.forget = 1;
        facts.recovery = .99;
        facts.kl = shown(cases[k].now < 1e-14 ? 3e3 : 3, cases[k].now, 0);
        snprintf(text, sizeof text, "%s times nearer to retraining than before; 'commit' keeps it",
                 cases[k].times);
        says(&facts, LETHE_VERDICT_REACHED, text, "c keeps it");
    }
}

static void too_far_is_no_success(void **state)
{
    (void)state;
    struct lethe_verdict_facts facts = class_forgotten();
    facts.accuracy = shown(1, .4, .9);
    facts.heldout = shown(.94, .93, .94);
    facts.kl = shown(.5, .4, 0);
    facts.damping = 1e-3;
    says(&facts, LETHE_VERDICT_OVER,
         "too far: 60 of 10 points of forgetting; try more damping: 'damping 0.01'", "damping");
    facts.accuracy = shown(1, .9, .9);
    facts.over = 1;
    says(&facts, LETHE_VERDICT_OVER,
         "10 of 10 points of forgetting, and less known than to a model that never saw them; try "
         "more damping: 'damping 0.01'",
         "damping");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_told_against_retraining),
        cmocka_unit_test(harm_comes_before_all_else),
        cmocka_unit_test(the_blanket_is_told_when_it_is_too_small),
        cmocka_unit_test(single_samples_are_told_by_their_distance),
        cmocka_unit_test(without_retraining_nothing_is_promised),
        cmocka_unit_test(a_rising_objective_is_harm_where_nothing_else_is_known),
        cmocka_unit_test(unfinished_training_is_said),
        cmocka_unit_test(times_are_numbers_people_read),
        cmocka_unit_test(too_far_is_no_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
