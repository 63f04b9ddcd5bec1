/* SPDX-License-Identifier: MIT
 * Giving back memory that the library made: every pointer a comment marks with (lethe_free). */
#ifndef LETHE_ALLOC_H
#define LETHE_ALLOC_H

/* block was returned by the library as memory of the caller's; NULL ok. Not for structs, which have
 * _free, _unref or _release functions of their own. */
void lethe_free(void *block);

#endif
