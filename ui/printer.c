/* SPDX-License-Identifier: MIT
 * Answers on stdout, errors and progress on stderr, and both into the recording. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/visible.h"
#include "lethe/plot.h"
#include "ui/chart/chart.h"
#include "ui/busy_line.h"
#include "ui/skin.h"
#include "ui/terminal_recorder.h"
#include "workbench/tutor.h"

void lethe_printer_record(const struct lethe_options *options, const char *text)
{
    struct lethe_terminal_recorder *recorder = options->recorder;
    if (!recorder)
        return;
    lethe_recording_text(&recorder->recording, text);
    lethe_recorder_say_problem(recorder);
}

static void clear_progress(struct lethe_printer *printer)
{
    static const char clear[] = "\r\033[K";
    lethe_busy_line_spoke();
    if (printer->shown) {
        fputs(clear, stderr);
        lethe_printer_record(printer->options, clear);
    }
    printer->shown = 0;
}

static void print_error(struct lethe_printer *printer, const struct lethe_outcome *outcome)
{
    struct lethe_text line = {0};
    if (printer->source && printer->line)
        lethe_text_addf(&line, "%s:%zu: ", printer->source, printer->line);
    else if (printer->source)
        lethe_text_addf(&line, "%s: ", printer->source);
    else
        lethe_text_add(&line, "error: ");
    lethe_text_add(&line, outcome->err->message);
    if (outcome->err->where[0])
        lethe_text_addf(&line, " (%s)", outcome->err->where);
    lethe_complain("%s", lethe_text_get(&line));
    struct lethe_text shown = {0};
    lethe_text_add_visible(&shown, lethe_text_get(&line), "");
    lethe_text_add(&shown, "\n");
    lethe_printer_record(printer->options, lethe_text_get(&shown));
    lethe_text_release(&shown);
    lethe_text_release(&line);
}

/* A line for each note of the answer. */
static void keep_notes(struct lethe_text *notes, const struct lethe_outcome *outcome)
{
    const struct lethe_value *member = outcome->code ? NULL : outcome->result->root.first;
    for (; member; member = member->next)
        if (member->hints & LETHE_HINT_NOTE && member->kind == LETHE_VALUE_TEXT)
            lethe_text_addf(notes, "%s\n", member->text);
}

/* The chart below the words of the answer. */
static void draw(struct lethe_text *out, const struct lethe_look *look,
                 const struct lethe_plot *plot)
{
    enum { ROWS = 20, MOST_ROWS = 60, MOST_COLS = 100 };
    const struct lethe_display display = {look->ascii ? LETHE_ASCII : LETHE_BRAILLE,
                                          look->ansi ? 256 : 0};
    const size_t bars = plot->series_count && plot->series[0].style == LETHE_PLOT_BARS
                            ? plot->series_count * plot->series[0].n + 1
                            : ROWS;
    const int rows = plot->cells ? (int)plot->cells->rows : (int)bars;
    const int cols = look->width < MOST_COLS ? (int)look->width : MOST_COLS;
    struct lethe_canvas canvas;
    if (lethe_canvas_init(&canvas, rows < MOST_ROWS ? rows : MOST_ROWS, cols, display, NULL))
        return;
    lethe_chart_plot(lethe_area_all(&canvas), plot);
    char *text = look->ansi ? lethe_canvas_ansi(&canvas) : lethe_canvas_text(&canvas);
    lethe_text_add(out, text ? text : "");
    lethe_free(text);
    lethe_canvas_release(&canvas);
}

static void show_drawing(struct lethe_text *out, const struct lethe_printer *printer,
                         const struct lethe_result *result)
{
    if (result->picture)
        lethe_text_add_bytes(out, result->picture, result->picture_size);
    else if (result->sheet)
        draw(out, &printer->look, lethe_sheet_plot(result->sheet));
}

static void render(struct lethe_text *out, const struct lethe_printer *printer,
                   const struct lethe_outcome *outcome)
{
    if (printer->options->json && outcome->code)
        lethe_render_json_error(out, outcome->command, outcome->err);
    else if (printer->options->json)
        lethe_render_json(out, outcome->command, outcome->result);
    else if (!outcome->code)
        lethe_render_text(out, outcome->result, &printer->look);
    if (!printer->options->json && !outcome->code)
        show_drawing(out, printer, outcome->result);
    if (printer->options->json)
        lethe_text_add(out, "\n");
}

/* What the lesson that is taken says to it, once. */
static void add_lesson(struct lethe_text *out, const struct lethe_printer *printer)
{
    struct lethe_workbench *wb = printer->wb;
    struct lethe_result words;
    if (!wb || !wb->tutor)
        return;
    lethe_tutor_watch(wb);
    lethe_result_init(&words);
    if (wb->tutor->news)
        lethe_tutor_put(&words.root, wb->tutor);
    wb->tutor->news = 0;
    lethe_render_text(out, &words, &printer->look);
    lethe_result_release(&words);
}

static void take(void *user, const struct lethe_outcome *outcome)
{
    struct lethe_printer *printer = user;
    struct lethe_text out = {0};
    clear_progress(printer);
    if (printer->notes)
        keep_notes(printer->notes, outcome);
    else
        render(&out, printer, outcome);
    if (!printer->notes && !printer->options->json)
        add_lesson(&out, printer);
    const char *text = lethe_text_get(&out);
    if (out.length && (fputs(text, stdout) == EOF || fflush(stdout)) && !printer->broken) {
        printer->broken = 1;
        fprintf(stderr, "lethe: cannot write to standard output: %s\n", strerror(errno));
    }
    if (!(outcome->result && outcome->result->picture)) /* others may know no sixel */
        lethe_printer_record(printer->options, text);
    if (outcome->code && !outcome->replaced)
        print_error(printer, outcome);
    if (!printer->failed)
        printer->failed = outcome->code;
    lethe_text_release(&out);
}

/* "selecting 26 %, about 3 s left", or what is known of it. */
void lethe_progress_words(struct lethe_text *out, const struct lethe_job_info *job)
{
    lethe_text_add_visible(out, job->stage && job->stage[0] ? job->stage : job->name, "");
    if (job->steps > 0)
        lethe_text_addf(out, " %.0f %%", 100 * (double)job->step / (double)job->steps);
    if (!isnan(job->left))
        lethe_text_addf(out, ", about %.0f s left", ceil(job->left));
    else
        lethe_text_addf(out, ", %.0f s so far", job->seconds);
}

static int tick(void *user, const struct lethe_job_info *job)
{
    struct lethe_printer *printer = user;
    struct lethe_text words = {0};
    if (lethe_interrupt_taken())
        return printer->options->interactive ? LETHE_TICK_STOP : LETHE_TICK_CANCEL;
    if (!printer->progress || job->seconds < 0.3)
        return 0;
    lethe_busy_line_spoke();
    lethe_progress_words(&words, job);
    struct lethe_text line = {0};
    const char *text = lethe_text_get(&words);
    const int fits = (int)lethe_visible_fit(text, printer->look.width - 1);
    lethe_text_addf(&line, "\r\033[K%.*s", fits, text);
    fputs(lethe_text_get(&line), stderr);
    lethe_printer_record(printer->options, lethe_text_get(&line));
    lethe_text_release(&line);
    lethe_text_release(&words);
    fflush(stderr);
    printer->shown = 1;
    return 0;
}

void lethe_printer_init(struct lethe_printer *printer, const struct lethe_options *options)
{
    int terminal = isatty(STDOUT_FILENO) && options->term && strcmp(options->term, "dumb") != 0;
    *printer = (struct lethe_printer){.options = options};
    printer->progress =
        isatty(STDERR_FILENO) && options->term && strcmp(options->term, "dumb") != 0;
    printer->look.width = terminal && options->columns >= 40 ? options->columns : 80;
    printer->look.ansi = terminal && !options->no_color && !options->plain;
    printer->look.ascii = options->plain || !options->utf8;
}

enum lethe_err lethe_printer_execute(struct lethe_printer *printer, struct lethe_workbench *wb,
                                     const char *text, int keep_going)
{
    const struct lethe_sink sink = lethe_printer_sink(printer);
    printer->wb = wb;
    if (printer->progress)
        lethe_busy_line_start();
    lethe_busy_line_begin(text);
    enum lethe_err code = lethe_execute_text(wb, text, keep_going, &sink);
    lethe_busy_line_end();
    return code;
}

struct lethe_sink lethe_printer_sink(struct lethe_printer *printer)
{
    return (struct lethe_sink){.take = take, .user = printer, .tick = tick};
}
