/* SPDX-License-Identifier: MIT
 * Ctrl-C while a command is waited for. The flag is one of the few globals: a handler can reach
 * nothing else. */
#include <signal.h>

#include "ui/skin.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

void lethe_interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

int lethe_interrupt_taken(void)
{
    int taken = interrupted;
    interrupted = 0;
    return taken;
}
