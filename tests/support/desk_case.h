/* SPDX-License-Identifier: MIT
 * A desk of a fake host, for tests of keys: 24 rows of 80 cells, with the view of the screen
 * fixture. Each test begins with one of its own, DESK(test). */
#ifndef TESTS_SUPPORT_DESK_CASE_H
#define TESTS_SUPPORT_DESK_CASE_H

#include "tests/support/fake_host.h"
#include "ui/desk.h"

#define DESK(test) cmocka_unit_test_setup_teardown(test, start, stop)

extern struct fake_host fake;
extern struct lethe_host host;
extern struct lethe_desk desk;

int start(void **state);
int stop(void **state);
void press(uint32_t code);
void type(const char *text); /* a line end is Enter */
/* 1 when the screen, drawn now, has these words; else it is printed. */
int shows(const char *wanted);

#endif
