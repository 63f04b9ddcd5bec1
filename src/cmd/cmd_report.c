/* SPDX-License-Identifier: MIT
 * report: what was forgotten, how, and what it was worth, as a file. */
#include "cmd/commands.h"
#include "lethe/report.h"
#include "workbench/report_pictures.h"
#include "workbench/workbench.h"

static enum lethe_err run_report(struct lethe_call *call, struct lethe_error *err)
{
    static const enum lethe_report_what kinds[] = {LETHE_REPORT_FULL, LETHE_REPORT_DELETION,
                                                   LETHE_REPORT_LECTURE};
    const char *path = lethe_args_text(&call->args, "PATH", "");
    enum lethe_report_format format;
    struct lethe_report_pictures pictures = {0};
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code)
        code = lethe_report_format_of(&format, path, err);
    if (!code)
        code = lethe_report_pictures_make(&pictures, call->wb, NULL, err);
    unsigned char salt[LETHE_REPORT_SALT];
    char salt_text[2 * LETHE_REPORT_SALT + 1];
    const int hashed = lethe_args_choice(&call->args, "ids", 0) == 1;
    const struct lethe_report_options options = {
        .what = kinds[lethe_args_choice(&call->args, "what", 0)],
        .pictures = pictures.at,
        .picture_count = pictures.count,
        .not_drawn = pictures.not_drawn,
        .salt = hashed ? salt : NULL,
        .generated = call->wb->project.bundle && call->wb->project.bundle->generated.count};
    if (!code && hashed)
        code = lethe_report_make_salt(salt, salt_text, err);
    if (!code)
        code = lethe_report_write(call->wb->session, path, &options, err);
    if (!code)
        lethe_put_text(call->out, "path", path);
    if (!code && hashed)
        lethe_put_text(call->out, "salt", salt_text);
    if (!code && pictures.missing)
        lethe_put_note(call->out, "%s", pictures.missing);
    lethe_report_pictures_release(&pictures);
    return code;
}

static const struct lethe_arg_spec report_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "file to write: .html, .md or .json"},
    {.name = "what",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "full|deletion|lecture",
     .help = "deletion: what is filed with a request; lecture: with the method and without the "
             "script; full: all of it (full)"},
    {.name = "ids",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "numbers|hashed",
     .help = "hashed: samples by salted hashes; the answer has the salt (numbers)"},
};

const struct lethe_command lethe_command_report = {
    .name = "report",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Write what was forgotten, how, and what it was worth",
    .detail =
        "In sentences first: who asked, what was done, whether it is like never having seen "
        "the samples, what still holds them; then figures, pictures (HTML, with gnuplot), the "
        "method and how to do it again. HTML is one file that needs nothing else and prints.",
    .examples = "report removal.html\nreport request-17.html what=deletion",
    LETHE_ARGS(report_args),
    .run = run_report,
};
