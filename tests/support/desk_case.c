/* SPDX-License-Identifier: MIT
 * Keys go in one by one, as they are typed. */
#include "tests/support/desk_case.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/term/glyph.h"

struct fake_host fake;
struct lethe_host host;
struct lethe_desk desk;

int start(void **state)
{
    (void)state;
    fake_host_init(&fake, &host);
    return lethe_desk_init(&desk, &host, 24, 80, (struct lethe_display){LETHE_BRAILLE, 256}, NULL);
}

int stop(void **state)
{
    (void)state;
    lethe_desk_release(&desk);
    return 0;
}

void press(uint32_t code)
{
    lethe_desk_key(&desk, (struct lethe_key){code, 0, 0});
}

void type(const char *text)
{
    for (uint32_t glyph; (glyph = lethe_glyph_next(&text)) != 0;)
        press(glyph == '\n' ? LETHE_KEY_ENTER : glyph);
}

int shows(const char *wanted)
{
    lethe_desk_draw(&desk);
    char *text = lethe_canvas_text(&desk.canvas);
    int found = strstr(text, wanted) != NULL;
    if (!found)
        printf("'%s' is not on the screen:\n%s", wanted, text);
    lethe_free(text);
    return found;
}
