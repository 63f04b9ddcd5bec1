/* SPDX-License-Identifier: MIT
 * The manual page and the usage text name every command and every option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "cmd/registry.h"
#include "ui/options.h"

static void page_names_every_command(void **state)
{
    (void)state;
    struct lethe_text page = {0};
    lethe_manual(&page, &lethe_command_registry);
    for (size_t i = 0; i < lethe_command_registry.count; i++) {
        struct lethe_text line = {0};
        lethe_text_add(&line, "\n.B ");
        for (const char *c = lethe_command_registry.at[i]->name; *c; c++) /* the page escapes '-' */
            lethe_text_addf(&line, *c == '-' ? "\\%c" : "%c", *c);
        const char *found = strstr(lethe_text_get(&page), lethe_text_get(&line));
        lethe_text_release(&line);
        assert_non_null(found);
    }
    lethe_text_release(&page);
}

static void usage_names_every_option(void **state)
{
    (void)state;
    struct lethe_text page = {0};
    lethe_usage(&page);
    for (size_t i = 0; i < lethe_option_count; i++) {
        struct lethe_text line = {0};
        lethe_text_addf(&line, "\n  %s ", lethe_option_rows[i].flag);
        const char *found = strstr(lethe_text_get(&page), lethe_text_get(&line));
        lethe_text_release(&line);
        assert_non_null(found);
    }
    lethe_text_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_names_every_command),
        cmocka_unit_test(usage_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
