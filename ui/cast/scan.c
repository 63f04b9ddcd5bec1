/* SPDX-License-Identifier: MIT
 * The states of ECMA-48 text, as far as a recording needs them. */
#include "ui/cast/scan.h"

#include <string.h>

#include "base/visible.h"
#include "ui/term/glyph.h"

enum { LARGEST = 9999 }; /* of an argument */

static void begin_code(struct lethe_scan *scan)
{
    scan->state = LETHE_SCAN_IN_CODE;
    scan->code = (struct lethe_scan_token){.kind = LETHE_SCAN_CODE, .args = {-1}};
    scan->mark = 0;
    scan->odd = 0;
}

static int clears(struct lethe_scan_token *token)
{
    *token = (struct lethe_scan_token){.kind = LETHE_SCAN_CLEAR};
    return 1;
}

/* A code with '?': of the modes only the cursor and the other screen mean anything here. */
static int private_mode(const struct lethe_scan *scan, struct lethe_scan_token *token)
{
    const int mode = scan->code.args[0], set = scan->code.final == 'h';
    if (!set && scan->code.final != 'l')
        return 0;
    if (mode == 1049 || mode == 1047 || mode == 47)
        return clears(token);
    if (mode != 25)
        return 0;
    *token = (struct lethe_scan_token){.kind = LETHE_SCAN_CURSOR, .args = {set}, .count = 1};
    return 1;
}

/* The character that ends a code; 1: it is one of the list. */
static int end_code(struct lethe_scan *scan, struct lethe_scan_token *token, char final)
{
    scan->state = LETHE_SCAN_TEXT;
    scan->code.final = final;
    if (scan->odd)
        return 0;
    if (scan->mark == '?')
        return private_mode(scan, token);
    if (scan->mark || !strchr("ABCDEFGHJKLMP@XSTdfmr", final))
        return 0;
    *token = scan->code;
    return 1;
}

static int in_code(struct lethe_scan *scan, struct lethe_scan_token *token, uint32_t glyph)
{
    struct lethe_scan_token *code = &scan->code;
    int *last = &code->args[code->count ? code->count - 1 : 0];
    if (glyph >= '0' && glyph <= '9') {
        code->count += !code->count;
        *last = (*last < 0 ? 0 : *last) * 10 + (int)(glyph - '0');
        if (*last > LARGEST)
            *last = LARGEST;
    } else if (glyph == ';') {
        code->count += !code->count;
        if (code->count < LETHE_SCAN_ARGS)
            code->args[code->count++] = -1;
        else
            scan->odd = 1;
    } else if (strchr("?<=>", (int)glyph) && glyph && !code->count && !scan->mark) {
        scan->mark = (char)glyph;
    } else if (glyph >= 0x40 && glyph <= 0x7e) {
        return end_code(scan, token, (char)glyph);
    } else if (glyph == 0x1b) {
        scan->state = LETHE_SCAN_ESCAPE;
    } else {
        scan->odd = 1;
    }
    return 0;
}

static int behind_escape(struct lethe_scan *scan, struct lethe_scan_token *token, uint32_t glyph)
{
    scan->state = LETHE_SCAN_TEXT;
    if (glyph == '[')
        begin_code(scan);
    else if (glyph && strchr("]P_^X", (int)glyph) && glyph < 0x7f)
        scan->state = LETHE_SCAN_IN_STRING;
    else if (glyph && glyph < 0x7f && strchr("()*+-./#% ", (int)glyph))
        scan->state = LETHE_SCAN_CHARSET;
    else if (glyph == 'c')
        return clears(token);
    return 0;
}

static int in_text(struct lethe_scan *scan, struct lethe_scan_token *token, uint32_t glyph)
{
    char one[8] = "";
    if (glyph == 0x1b) {
        scan->state = LETHE_SCAN_ESCAPE;
        return 0;
    }
    *token = (struct lethe_scan_token){.kind = LETHE_SCAN_GLYPH, .glyph = glyph};
    if (glyph == '\b' || glyph == '\t' || glyph == '\n' || glyph == '\r') {
        token->kind = LETHE_SCAN_CONTROL;
        return 1;
    }
    lethe_glyph_encode(one, glyph);
    return lethe_visible_as_is(one);
}

int lethe_scan_next(struct lethe_scan *scan, struct lethe_scan_token *token, const char **text)
{
    uint32_t glyph;
    int found = 0;
    while (!found && (glyph = lethe_glyph_next(text)) != 0)
        switch (scan->state) {
        case LETHE_SCAN_TEXT:
            found = in_text(scan, token, glyph);
            break;
        case LETHE_SCAN_ESCAPE:
            found = behind_escape(scan, token, glyph);
            break;
        case LETHE_SCAN_IN_CODE:
            found = in_code(scan, token, glyph);
            break;
        case LETHE_SCAN_IN_STRING:
            if (glyph == 0x07 || glyph == 0x9c)
                scan->state = LETHE_SCAN_TEXT;
            else if (glyph == 0x1b)
                scan->state = LETHE_SCAN_STRING_ESCAPE;
            break;
        case LETHE_SCAN_STRING_ESCAPE:
            scan->state = glyph == '\\' ? LETHE_SCAN_TEXT : LETHE_SCAN_IN_STRING;
            break;
        case LETHE_SCAN_CHARSET:
            scan->state = LETHE_SCAN_TEXT;
            break;
        }
    return found;
}

void lethe_scan_put(struct lethe_text *out, const struct lethe_scan_token *token, int ascii,
                    int colours)
{
    char text[8] = "";
    switch (token->kind) {
    case LETHE_SCAN_GLYPH:
        if (ascii)
            text[0] = lethe_glyph_ascii(token->glyph);
        else
            lethe_glyph_encode(text, token->glyph);
        lethe_text_add(out, text);
        if (ascii && lethe_glyph_width(token->glyph) == 2)
            lethe_text_add(out, " "); /* the columns after it stay where they are */
        return;
    case LETHE_SCAN_CONTROL:
        text[0] = (char)token->glyph;
        lethe_text_add(out, text);
        return;
    case LETHE_SCAN_CURSOR:
        lethe_text_add(out, token->args[0] ? "\033[?25h" : "\033[?25l");
        return;
    case LETHE_SCAN_CLEAR:
        lethe_text_add(out, "\033[0m\033[2J\033[H");
        return;
    case LETHE_SCAN_CODE:
        break;
    }
    if (token->final == 'm' && !colours)
        return;
    lethe_text_add(out, "\033[");
    for (size_t k = 0; k < token->count; k++) {
        lethe_text_add(out, k ? ";" : "");
        if (token->args[k] >= 0)
            lethe_text_addf(out, "%d", token->args[k]);
    }
    lethe_text_add_bytes(out, &token->final, 1);
}
