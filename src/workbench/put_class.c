/* SPDX-License-Identifier: MIT
 * A class as answers have it: its number, and its name where the data have names. */
#include "workbench/put_class.h"

void lethe_put_class(struct lethe_value *out, const char *key, const char *name_key,
                     const struct lethe_dataset *data, int label)
{
    const char *name = data && label >= 0 ? lethe_dataset_class_name(data, (size_t)label) : NULL;
    lethe_put_int(out, key, label);
    if (name)
        lethe_put_text(out, name_key, name);
}
