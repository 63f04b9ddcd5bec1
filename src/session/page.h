/* SPDX-License-Identifier: MIT
 * A page of headings, paragraphs and tables, written as Markdown or as self-contained HTML. All
 * text handed in is plain; what means something to the format is escaped here. A failed allocation
 * is remembered in `failed`. */
#ifndef LETHE_SESSION_PAGE_H
#define LETHE_SESSION_PAGE_H

#include <stddef.h>

struct lethe_page {
    char *text; /* ends with a 0 byte after the first piece */
    size_t count, room;
    int html, failed;
};

void lethe_page_begin(struct lethe_page *page, int html, const char *title);
void lethe_page_heading(struct lethe_page *page, const char *text);
void lethe_page_line(struct lethe_page *page, const char *text); /* a paragraph */
/* Lines of each their own, in letters of one width. */
void lethe_page_code(struct lethe_page *page, const char *text);
/* An SVG element, which goes into HTML as it is; elsewhere the caption alone, with a word that the
 * picture is in the HTML. */
void lethe_page_picture(struct lethe_page *page, const char *svg, const char *caption);
/* cells (count); the head row opens the table. */
void lethe_page_table(struct lethe_page *page, const char *const *cells, size_t count);
void lethe_page_row(struct lethe_page *page, const char *const *cells, size_t count);
void lethe_page_table_end(struct lethe_page *page);
void lethe_page_end(struct lethe_page *page);

#endif
