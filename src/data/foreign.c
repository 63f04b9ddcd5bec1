/* SPDX-License-Identifier: MIT
 * Files of other programs, known by their first bytes: the refusal names them and how to get from
 * them to a file that is read. */
#include <stdio.h>
#include <string.h>

#include "data/formats.h"

static const struct {
    const char *magic;
    size_t size;
    const char *what, *way;
} known[] = {
    {"PAR1", 4, "a Parquet file",
     "python3 -c \"import pandas as p; p.read_parquet('%s').to_csv('table.csv', index=False)\""},
    {"ARROW1", 6, "an Arrow (Feather) file",
     "python3 -c \"import pandas as p; p.read_feather('%s').to_csv('table.csv', index=False)\""},
    {"FEA1", 4, "a Feather file",
     "python3 -c \"import pandas as p; p.read_feather('%s').to_csv('table.csv', index=False)\""},
    {"\x89HDF", 4, "an HDF5 file",
     "python3 -c \"import h5py, numpy as n; f = h5py.File('%s'); n.savez('data.npz', **{k: f[k][:] "
     "for k in f})\""},
    {"MATLAB 5", 8, "a MATLAB file",
     "python3 -c \"import scipy.io as s, numpy as n; n.savez('data.npz', **{k: v for k, v in "
     "s.loadmat('%s').items() if k[0] != '_'})\""},
    {"\xff\xfe", 2, "text in UTF-16", "iconv -f UTF-16 -t UTF-8 '%s' > table.csv"},
    {"\xfe\xff", 2, "text in UTF-16", "iconv -f UTF-16 -t UTF-8 '%s' > table.csv"},
    {"@relation", 9, "an ARFF (Weka) file",
     "python3 -c \"import pandas as p, scipy.io.arff as a; "
     "p.DataFrame(a.loadarff('%s')[0]).to_csv('table.csv', index=False)\""},
    {"@RELATION", 9, "an ARFF (Weka) file",
     "python3 -c \"import pandas as p, scipy.io.arff as a; "
     "p.DataFrame(a.loadarff('%s')[0]).to_csv('table.csv', index=False)\""},
    {"Obj\x01", 4, "an Avro file", "a CSV file of it is read"},
    {"SQLite format 3", 15, "an SQLite database",
     "sqlite3 -csv -header '%s' 'select ...' > table.csv"},
};

/* Python's pickles: protocol 2 and later begin with 0x80 and the number. */
static int is_pickle(const unsigned char *bytes, size_t size)
{
    return size > 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

enum lethe_err lethe_foreign_refuse(const unsigned char *bytes, size_t size, const char *source,
                                    struct lethe_error *err)
{
    char way[400];
    const char *name = strrchr(source, '/') ? strrchr(source, '/') + 1 : source;
    if (is_pickle(bytes, size))
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s is a Python pickle (as CIFAR's \"python version\"); lethe reads the "
                          "\"binary version\" (data_batch_1.bin), or an NPZ: python3 -c \"import "
                          "pickle, numpy as n; d = pickle.load(open('%.80s', 'rb'), "
                          "encoding='bytes'); n.savez('data.npz', x=d[b'data'].reshape(-1, 3, 32, "
                          "32), y=d.get(b'labels', d.get(b'fine_labels')))\"",
                          source, name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (size < known[i].size || memcmp(bytes, known[i].magic, known[i].size) != 0)
            continue;
        const char *hole = strstr(known[i].way, "%s");
        size_t before = hole ? (size_t)(hole - known[i].way) : strlen(known[i].way);
        snprintf(way, sizeof way, "%.*s%.80s%s", (int)before, known[i].way, hole ? name : "",
                 hole ? hole + 2 : "");
        return lethe_fail(err, LETHE_EFORMAT, "%s is %s, which is not read here; convert it: %s",
                          source, known[i].what, way);
    }
    return LETHE_OK;
}
