/* SPDX-License-Identifier: MIT
 * Reading budgets. */
#include "study/budgets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum lethe_err read_one(size_t *parameters, const char *name, size_t size,
                               struct lethe_error *err)
{
    char *end = NULL;
    const double number = strtod(name, &end);
    const int share = *end == '%';
    const double wanted = share ? number / 100 * (double)size : number;
    if (end == name || name[0] < '0' || name[0] > '9' || end[share] ||
        (!share && strspn(name, "0123456789") != strlen(name)) || !(wanted > 0) ||
        (share && number > 100))
        return lethe_fail(err, LETHE_EARG,
                          "budget '%s': a number of parameters, 1 or more, or a share such as 4%%",
                          name);
    *parameters = wanted < (double)size ? (size_t)ceil(wanted) : size;
    return LETHE_OK;
}

enum lethe_err lethe_budgets_read(struct lethe_budgets *budgets, const char *text, size_t size,
                                  struct lethe_error *err)
{
    struct lethe_budgets made = {0};
    while (*text) {
        const size_t length = strcspn(text, ",");
        if (made.count == LETHE_BUDGETS_MOST || length >= LETHE_BUDGET_NAME)
            return lethe_fail(err, LETHE_EARG, "budgets '%s': at most %d of them, with commas",
                              text, (int)LETHE_BUDGETS_MOST);
        char *name = made.name[made.count];
        snprintf(name, LETHE_BUDGET_NAME, "%.*s", (int)length, text);
        enum lethe_err code = read_one(&made.parameters[made.count++], name, size, err);
        if (code)
            return code;
        text += length + (text[length] == ',');
    }
    if (!made.count)
        return lethe_fail(err, LETHE_EARG, "budgets: a list such as 120,4%%,10%%");
    *budgets = made;
    return LETHE_OK;
}
