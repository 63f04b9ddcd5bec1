/* SPDX-License-Identifier: MIT
 * Markdown and HTML from the same calls. The style sheet stands inside the page: no file, font or
 * script is fetched from anywhere. */
#include "session/page.h"

#include <string.h>

#include "base/alloc.h"
#include "base/visible.h"

static const char style[] =
    "<style>\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#222;background:#fff}\n"
    "h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #ccc}\n"
    "table{border-collapse:collapse;margin:.8rem 0}\n"
    "th,td{padding:.15rem .9rem .15rem 0;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere;font-variant-numeric:tabular-nums}\n"
    "th{border-bottom:1px solid #999;font-weight:600}\n"
    "pre{font:13px/1.4 ui-monospace,monospace;white-space:pre-wrap;background:#f4f4f4;"
    "padding:.6rem .8rem}\n"
    "figure{margin:1.2rem 0;break-inside:avoid}figure "
    "svg{max-width:100%;height:auto;background:#fff}"
    "figcaption{font-size:.9rem;color:#555}\n"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}h2{border-color:#444}"
    "pre{background:#222}figcaption{color:#aaa}}\n"
    "@media print{body{font-size:11pt;max-width:none;margin:0;color:#000;background:#fff}"
    "h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}"
    "figure svg{max-height:9cm;width:auto}pre{background:none;border-left:2px solid #999}}\n"
    "</style>\n";

static void put(struct lethe_page *page, const char *bytes, size_t count)
{
    if (page->failed)
        return;
    if (count + 1 > page->room - page->count) {
        size_t room = 2 * page->room + count + 1024;
        char *text = lethe_realloc(page->text, room, 1);
        if (!text) {
            page->failed = 1;
            return;
        }
        page->text = text;
        page->room = room;
    }
    memcpy(page->text + page->count, bytes, count);
    page->count += count;
    page->text[page->count] = '\0';
}

static void raw(struct lethe_page *page, const char *text)
{
    put(page, text, strlen(text));
}

static const char *html_escape(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Text of others: shown as on a terminal, so one line stays one line, and then escaped once more
 * for the language of the page. */
static void plain(struct lethe_page *page, const char *text)
{
    char piece[LETHE_VISIBLE_ROOM];
    while (lethe_visible_next(piece, &text))
        for (const char *c = piece; *c; c++) {
            const char *escaped = page->html ? html_escape(*c) : NULL;
            if (escaped) {
                raw(page, escaped);
                continue;
            }
            if (!page->html && strchr("\\`*_[]<>|#~&", *c))
                put(page, "\\", 1);
            put(page, c, 1);
        }
}

static void wrapped(struct lethe_page *page, const char *before, const char *text,
                    const char *after)
{
    raw(page, before);
    plain(page, text);
    raw(page, after);
}

void lethe_page_begin(struct lethe_page *page, int html, const char *title)
{
    *page = (struct lethe_page){.html = html};
    if (!html) {
        wrapped(page, "# ", title, "\n\n");
        return;
    }
    raw(page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width\">\n");
    wrapped(page, "<title>", title, "</title>\n");
    raw(page, style);
    wrapped(page, "</head><body>\n<h1>", title, "</h1>\n");
}

void lethe_page_heading(struct lethe_page *page, const char *text)
{
    wrapped(page, page->html ? "<h2>" : "\n## ", text, page->html ? "</h2>\n" : "\n\n");
}

void lethe_page_line(struct lethe_page *page, const char *text)
{
    wrapped(page, page->html ? "<p>" : "", text, page->html ? "</p>\n" : "\n\n");
}

/* One line of code as it is, but for what a terminal would obey. */
static void code_line(struct lethe_page *page, const char *line)
{
    char piece[LETHE_VISIBLE_ROOM];
    if (page->html) {
        plain(page, line);
        raw(page, "\n");
        return;
    }
    raw(page, "    "); /* four blanks make code of a line, whatever it holds */
    while (lethe_visible_next(piece, &line))
        raw(page, piece);
    raw(page, "\n");
}

void lethe_page_code(struct lethe_page *page, const char *text)
{
    raw(page, page->html ? "<pre>" : "");
    while (*text && !page->failed) {
        const char *end = strchr(text, '\n');
        const size_t n = end ? (size_t)(end - text) : strlen(text);
        char *line = lethe_alloc_zero(n + 1, 1);
        page->failed |= !line;
        if (line) {
            memcpy(line, text, n);
            code_line(page, line);
        }
        lethe_free(line);
        text += n + (end != NULL);
    }
    raw(page, page->html ? "</pre>\n" : "\n");
}

void lethe_page_picture(struct lethe_page *page, const char *svg, const char *caption)
{
    if (!page->html) {
        wrapped(page, "Picture, in the HTML of this report: ", caption, "\n\n");
        return;
    }
    raw(page, "<figure>\n");
    raw(page, svg);
    wrapped(page, "<figcaption>", caption, "</figcaption></figure>\n");
}

static void row(struct lethe_page *page, const char *const *cells, size_t count, const char *open,
                const char *close)
{
    raw(page, page->html ? "<tr>" : "|");
    for (size_t i = 0; i < count; i++)
        wrapped(page, page->html ? open : " ", cells[i], page->html ? close : " |");
    raw(page, page->html ? "</tr>\n" : "\n");
}

void lethe_page_table(struct lethe_page *page, const char *const *cells, size_t count)
{
    raw(page, page->html ? "<table>\n" : "");
    row(page, cells, count, "<th>", "</th>");
    if (page->html)
        return;
    raw(page, "|");
    for (size_t i = 0; i < count; i++)
        raw(page, " --- |");
    raw(page, "\n");
}

void lethe_page_row(struct lethe_page *page, const char *const *cells, size_t count)
{
    row(page, cells, count, "<td>", "</td>");
}

void lethe_page_table_end(struct lethe_page *page)
{
    raw(page, page->html ? "</table>\n" : "\n");
}

void lethe_page_end(struct lethe_page *page)
{
    raw(page, page->html ? "</body></html>\n" : "");
}
