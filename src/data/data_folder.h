/* SPDX-License-Identifier: MIT
 * The folder of larger data sets: what a bundle's paths that begin with "$LETHE_DATA/" stand for.
 * The one fact of the process this room keeps; the program sets it once, before anything loads. */
#ifndef LETHE_DATA_DATA_FOLDER_H
#define LETHE_DATA_DATA_FOLDER_H

/* Where Debian's packages of data sets put them (dataset-fashion-mnist). */
#define LETHE_DATA_FOLDER   "/usr/share/datasets"
#define LETHE_DATA_VARIABLE "$LETHE_DATA/"

/* Borrowed for good; NULL or "": LETHE_DATA_FOLDER. */
void lethe_data_folder_set(const char *folder);
/* Of a bundle's path: the folder when it begins with the variable, whose end *rest is then; NULL:
 * an ordinary path. */
const char *lethe_data_folder_of(const char *path, const char **rest);

#endif
