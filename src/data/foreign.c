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
    {"\xfd"
     "7zXZ",
     5, "compressed by xz", "xz -dk '%s'"},
    {"BZh", 3, "compressed by bzip2", "bzip2 -dk '%s'"},
    {"\x28\xb5\x2f\xfd", 4, "compressed by Zstandard", "zstd -dk '%s'"},
    {"7z\xbc\xaf", 4, "a 7-Zip archive", "7z x '%s'"},
    {"Rar!", 4, "a RAR archive", "unrar x '%s'"},
    {"version https://git-lfs", 23, "a pointer to a file that Git LFS keeps",
     "git lfs pull --include='%s'"},
    {"<!DOCTYPE", 9, "a page of the web", "download the file itself, not the page about it"},
    {"<html", 5, "a page of the web", "download the file itself, not the page about it"},
    {"{\\rtf", 5, "a document", "save it as plain text"},
};

/* Python's pickles: protocol 2 and later begin with 0x80 and the number, older ones are text. */
static int is_pickle(const unsigned char *bytes, size_t size)
{
    static const char *const old[] = {"(dp0\n",      "(dp1\n", "(lp0\n", "(lp1\n",
                                      "ccopy_reg\n", "cnumpy", "}q\x01"};
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (size > strlen(old[i]) && !memcmp(bytes, old[i], strlen(old[i])))
            return 1;
    return size > 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

static int is_tar(const unsigned char *bytes, size_t size)
{
    return size > 262 && !memcmp(bytes + 257, "ustar", 5);
}

/* Records of JSON, one a line or in a list. */
static int is_json(const unsigned char *bytes, size_t size)
{
    size_t k = 0;
    while (k < size && k < 64 && strchr(" \t\r\n[", bytes[k]) && bytes[k])
        k++;
    if (k >= size || bytes[k] != '{')
        return 0;
    for (k++; k < size && bytes[k] && strchr(" \t\r\n", bytes[k]);)
        k++;
    return k < size && bytes[k] == '"';
}

/* "1 3:0.5 7:2": a label, then places and values in ascending order. */
static int is_libsvm(const unsigned char *bytes, size_t size)
{
    size_t k = 0, pairs = 0;
    k += size && strchr("+-", bytes[0]) != NULL && bytes[0];
    while (k < size && bytes[k] && strchr("0123456789.", bytes[k]))
        k++;
    for (; k < size && bytes[k] == ' '; pairs++) {
        size_t digits = ++k;
        while (k < size && bytes[k] >= '0' && bytes[k] <= '9')
            k++;
        if (k == digits || k >= size || bytes[k] != ':')
            break;
        while (k < size && bytes[k] > ' ')
            k++;
    }
    return pairs > 0 && (k >= size || bytes[k] == '\n' || bytes[k] == '\r' || pairs > 1);
}

/* Those that no fixed beginning tells; NULL: none of them. */
static const char *told_by_shape(const unsigned char *bytes, size_t size, const char **way)
{
    if (is_tar(bytes, size)) {
        *way = "tar xf '%s'";
        return "a tar archive";
    }
    if (is_json(bytes, size)) {
        *way = "python3 -c \"import pandas as p; p.read_json('%s', lines=True).to_csv('table.csv', "
               "index=False)\" (lines=False for one list)";
        return "JSON records";
    }
    if (is_libsvm(bytes, size)) {
        *way = "python3 -c \"from sklearn.datasets import load_svmlight_file as l; import numpy as "
               "n; x, y = l('%s'); n.savez('data.npz', x=x.toarray(), y=n.unique(y, "
               "return_inverse=True)[1])\"";
        return "a file in LIBSVM's format";
    }
    return NULL;
}

static enum lethe_err refuse_as(const char *what, const char *way, const char *source,
                                const char *name, struct lethe_error *err)
{
    char text[400];
    const char *hole = strstr(way, "%s");
    size_t before = hole ? (size_t)(hole - way) : strlen(way);
    snprintf(text, sizeof text, "%.*s%.80s%s", (int)before, way, hole ? name : "",
             hole ? hole + 2 : "");
    return lethe_fail(err, LETHE_EFORMAT, "%s is %s, which is not read here; convert it: %s",
                      source, what, text);
}

enum lethe_err lethe_foreign_refuse(const unsigned char *bytes, size_t size, const char *source,
                                    struct lethe_error *err)
{
    const char *way = NULL;
    const char *name = strrchr(source, '/') ? strrchr(source, '/') + 1 : source;
    if (is_pickle(bytes, size) && !memmem(bytes, size, "label", 5))
        return refuse_as("a Python pickle",
                         "python3 -c \"import pickle, numpy as n; d = "
                         "pickle.load(open('%s', 'rb')); n.save('x.npy', d)\" if it is one array",
                         source, name, err);
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
        return refuse_as(known[i].what, known[i].way, source, name, err);
    }
    const char *what = told_by_shape(bytes, size, &way);
    return what ? refuse_as(what, way, source, name, err) : LETHE_OK;
}
