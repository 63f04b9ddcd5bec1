/* SPDX-License-Identifier: MIT
 * Entry point: reads the command line and the environment once and passes them on. */
#include <stdio.h>

int main(void)
{
    puts("lethe");
    return 0;
}
