/* SPDX-License-Identifier: MIT
 * The sentences of a report. They say what the figures say and no more: without a retrained model
 * beside a removal nobody can tell whether it is like never having seen the samples. */
#include "session/report_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/visible.h"

int lethe_report_is_on_the_way(const struct lethe_session *session, const struct lethe_state *state)
{
    const struct lethe_state *s = lethe_session_head(session);
    while (s && s != state)
        s = lethe_state_parent(s);
    return s != NULL;
}

void lethe_report_time(struct lethe_text *out, int64_t seconds)
{
    char text[40];
    time_t t = (time_t)seconds;
    struct tm parts;
    if (seconds <= 0)
        lethe_text_add(out, "time not known");
    else if (gmtime_r(&t, &parts) && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts))
        lethe_text_add(out, text);
    else
        lethe_text_addf(out, "%lld s", (long long)seconds);
}

struct lethe_json *lethe_report_metrics(const struct lethe_state *state)
{
    struct lethe_json *metrics = NULL;
    const char *text = lethe_state_metrics(state);
    if (!*text || lethe_json_parse(&metrics, text, strlen(text), "metrics", NULL))
        return NULL;
    return metrics;
}

/* A number at a path of two or three keys; NAN: none. */
static double number(const struct lethe_json *metrics, const char *a, const char *b, const char *c)
{
    double x;
    const struct lethe_json *at = lethe_json_get(metrics, a);
    at = b ? lethe_json_get(at, b) : at;
    at = c ? lethe_json_get(at, c) : at;
    return lethe_json_as_number(at, &x) ? x : NAN;
}

static const char *word(const struct lethe_json *metrics, const char *key)
{
    const char *text = lethe_json_as_string(lethe_json_get(metrics, key));
    return text ? text : "";
}

/* Text of others within a sentence: it stays in its line, and one sentence. */
static void add_of_others(struct lethe_text *out, const char *text)
{
    char piece[LETHE_VISIBLE_ROOM];
    for (size_t i = 0; i < 150 && lethe_visible_next(piece, &text); i++)
        lethe_text_add(out, piece);
    lethe_text_add(out, *text ? "..." : "");
}

/* ---- who asked ------------------------------------------------------------------------------- */

/* A line each, to be copied. */
static void put_hashes(struct lethe_text *out, const unsigned char *salt, const size_t *ids,
                       size_t count)
{
    char(*hashes)[LETHE_HASH_HEX];
    if (lethe_report_hashes(&hashes, salt, ids, count, NULL)) {
        out->failed = 1;
        return;
    }
    for (size_t i = 0; i < count; i++)
        lethe_text_addf(out, "  %s\n", hashes[i]);
    lethe_free(hashes);
}

static void who_asked(struct lethe_text *out, const struct lethe_session *session,
                      const struct lethe_report_options *options, const size_t *ids, size_t count)
{
    const size_t sealed = lethe_session_sealed(session);
    if (sealed)
        lethe_text_addf(out,
                        "%zu %s%s forgotten before this session was sealed; they are known by "
                        "their salted hashes only, which the receipt of the seal opens.\n",
                        sealed, count ? "more " : "training samples ",
                        sealed == 1 ? "was" : "were");
    if (!count && !sealed) {
        lethe_text_add(out, "No training sample has been forgotten yet.\n");
        return;
    }
    if (!count)
        return;
    lethe_text_addf(out, "%zu training sample%s forgotten up to commit %.12s: ", count,
                    count == 1 ? " was" : "s were", lethe_state_id(lethe_session_head(session)));
    if (!options->salt) {
        lethe_report_ids(out, ids, count, 60);
        lethe_text_add(out, ".\n");
        return;
    }
    lethe_text_add(out, "named here by the SHA-256 of a salt and their number (8 bytes, the lowest "
                        "first). Whoever wrote this report has the salt; without it the numbers "
                        "cannot be found.\n");
    put_hashes(out, options->salt, ids, count);
}

/* ---- what was done, and is it enough --------------------------------------------------------- */

static void what_was_done(struct lethe_text *out, const struct lethe_state *state,
                          const struct lethe_json *metrics, size_t removal, const char *message)
{
    size_t count;
    lethe_state_forget(state, &count);
    lethe_text_addf(out, "Removal %zu (", removal);
    lethe_report_time(out, lethe_state_time(state));
    if (*message) {
        lethe_text_add(out, ", \"");
        add_of_others(out, message);
        lethe_text_add(out, "\"");
    }
    lethe_text_addf(out, "): %zu sample%s, %zu of %zu weights changed", count,
                    count == 1 ? "" : "s", lethe_state_changed(state), lethe_state_size(state));
    if (*word(metrics, "method"))
        lethe_text_addf(out, ", by the method '%s' in place of the Newton step",
                        word(metrics, "method"));
    if (*word(metrics, "form"))
        lethe_text_addf(out, ", by %s step with the %s curvature and damping %.3g",
                        *word(metrics, "form") == 'i' ? "an influence" : "a residual",
                        word(metrics, "curvature"), number(metrics, "damping", NULL, NULL));
    lethe_text_add(out, ". ");
}

static const char *judgement(double share)
{
    return share >= 0.9     ? "It is like a model that never saw them, as far as the figures tell"
           : share >= 0.5   ? "It is on the way to a model that never saw them, but not like one"
           : share >= 0.05  ? "It is not like a model that never saw them"
           : share >= -0.05 ? "It did next to nothing"
                            : "It is worse than having done nothing";
}

static void is_it_enough(struct lethe_text *out, const struct lethe_json *metrics)
{
    const double share = number(metrics, "recovery_probs", "now", NULL);
    const double now = number(metrics, "forget", "loss", "now");
    const double then = number(metrics, "forget", "loss", "before");
    const double retrained = number(metrics, "forget", "loss", "retrain");
    const double auc = number(metrics, "attack", "auc", "now");
    const double auc_retrained = number(metrics, "attack", "auc", "retrain");
    int converged = 1;
    lethe_json_as_bool(lethe_json_get(lethe_json_get(metrics, "retraining"), "converged"),
                       &converged);
    if (isnan(now)) {
        lethe_text_add(out, "No figures were kept with it.");
        return;
    }
    if (isnan(retrained)) {
        lethe_text_addf(out,
                        "Nothing was retrained beside it, so whether it is like never having seen "
                        "them cannot be told from this report: their loss is %.3g, before %.3g.",
                        now, then);
        return;
    }
    if (share < -1) /* a percentage would say nothing */
        lethe_text_addf(out,
                        "%s: the predicted probabilities are %.3g times as far from those of "
                        "retraining without them as with nothing done. ",
                        judgement(share), 1 - share);
    else if (!isnan(share))
        lethe_text_addf(out,
                        "%s: it makes %.1f %% of the change that retraining without them makes to "
                        "the predicted probabilities. ",
                        judgement(share), 100 * share);
    lethe_text_addf(out, "Their loss is %.3g, before %.3g, after retraining %.3g", now, then,
                    retrained);
    if (!isnan(auc) && !isnan(auc_retrained))
        lethe_text_addf(out,
                        "; an attack on the loss has AUC %.3f, on the retrained model %.3f (that, "
                        "not one half, is the aim), beside the held-out half that the settings "
                        "were chosen by",
                        auc, auc_retrained);
    lethe_text_add(out, ".");
    if (!converged)
        lethe_text_add(out, " In doubt: the retraining did not converge.");
    if (isnan(share))
        lethe_text_add(out, " In doubt: what retraining changes is too small to be a yardstick.");
}

static void removals(struct lethe_text *out, const struct lethe_session *session,
                     const struct lethe_report_options *options, const size_t *ids, size_t all)
{
    size_t removal = 0;
    for (size_t i = 0; i < lethe_session_count(session); i++) {
        const struct lethe_state *state = lethe_session_state(session, i);
        size_t count;
        lethe_state_forget(state, &count);
        if (!count || !lethe_report_is_on_the_way(session, state))
            continue;
        struct lethe_json *metrics = lethe_report_metrics(state);
        struct lethe_text message = {0};
        lethe_report_message(&message, state, options, ids, all);
        what_was_done(out, state, metrics, ++removal, lethe_text_get(&message));
        out->failed |= message.failed;
        lethe_text_release(&message);
        is_it_enough(out, metrics);
        lethe_text_add(out, "\n");
        lethe_json_free(metrics);
    }
}

/* ---- what still holds them ------------------------------------------------------------------- */

static void what_remains(struct lethe_text *out, const struct lethe_session *session, int generated,
                         size_t count)
{
    if (count)
        lethe_text_add(out,
                       "What still holds them: the session behind this report is not sealed, so it "
                       "still contains the weights from before and the numbers of the samples "
                       "('seal receipt=FILE' drops both)");
    else
        lethe_text_addf(out, "What still holds them: not this session%s",
                        generated ? ", but for its record of the samples that 'generate' changed"
                                  : "");
    lethe_text_add(out, "; the training data and the model it began with (");
    add_of_others(out, lethe_session_source(session)->path);
    lethe_text_add(out, ") are not touched, and neither are copies, exports and backups made "
                        "before.\n");
}

void lethe_report_story(struct lethe_text *out, const struct lethe_session *session,
                        const struct lethe_report_options *options, const size_t *ids, size_t count)
{
    who_asked(out, session, options, ids, count);
    removals(out, session, options, ids, count);
    if (count || lethe_session_sealed(session))
        what_remains(out, session, options->generated, count);
}

/* ---- method ---------------------------------------------------------------------------------- */

void lethe_report_method(struct lethe_text *out, const struct lethe_session *session)
{
    (void)session;
    lethe_text_add(
        out,
        "The model minimises the mean loss of its n training samples with weight decay lambda:\n"
        "  F(w) = (1/n) sum_i f(w; x_i, y_i), f = l + (lambda/2) |w|^2\n"
        "Without the m samples U that are to be forgotten the objective F_R is the mean of f over "
        "the n - m retained ones, R. One Newton step towards its minimum changes the chosen "
        "weights "
        "P alone. In the residual form it is\n"
        "  d[P] = -(H_R[P,P] + mu I)^-1 grad F_R(w)[P]\n"
        "and also finishes a training that was not finished; in the influence form it is\n"
        "  d[P] = 1/(n-m) (H_R[P,P] + mu I)^-1 sum_{z in U} grad f(w; z)[P]\n"
        "which takes only what is due to U. They agree where grad F(w) = 0. H_R is the curvature "
        "of "
        "F_R, lambda I within it (ggn: the generalised Gauss-Newton matrix), mu the damping.\n"
        "The yardstick is the same training gone on without U (retrain), and the same with nothing "
        "removed (control). With p the predicted probabilities of all samples,\n"
        "  recovery = 1 - |p_now - p_retrain| / |p_control - p_retrain|\n"
        "is 1 when the step does what retraining does, 0 when nothing was done and below 0 when it "
        "does harm. The attack ranks samples by their loss; its AUC is the share of pairs, ties "
        "counting half, in which a forgotten sample has a smaller loss than a held-out one of the "
        "forgotten classes.\n");
}
