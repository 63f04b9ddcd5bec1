/* SPDX-License-Identifier: MIT
 * A file read piece by piece, gzip undone on the way, for what may be larger than memory. See
 * reader.h. */
#include "base/reader.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/file.h"

enum { PEEK = 1 << 16, PIECE = 1 << 30 };

struct lethe_reader {
    gzFile file;
    char *path;
    unsigned char ahead[PEEK]; /* peeked: at .. size - 1 are to be read yet */
    size_t at, size;
};

enum lethe_err lethe_reader_open(struct lethe_reader **reader, const char *path,
                                 struct lethe_error *err)
{
    if (lethe_folder_exists(path))
        return lethe_fail(err, LETHE_EIO, "cannot read '%s': it is a folder", path);
    struct lethe_reader *made = lethe_alloc_zero(1, sizeof *made);
    if (!made || !(made->path = lethe_strdup(path))) {
        lethe_reader_free(made);
        return lethe_fail_memory(err, path, 1, sizeof *made);
    }
    errno = 0;
    made->file = gzopen(path, "rb");
    if (!made->file) {
        lethe_reader_free(made);
        return lethe_fail(err, LETHE_EIO, "cannot open '%s': %s", path,
                          strerror(errno ? errno : ENOMEM));
    }
    gzbuffer(made->file, 1 << 17);
    *reader = made;
    return LETHE_OK;
}

void lethe_reader_free(struct lethe_reader *reader)
{
    if (!reader)
        return;
    if (reader->file)
        gzclose_r(reader->file);
    lethe_free(reader->path);
    lethe_free(reader);
}

/* As many bytes as there are; what was peeked is not looked at. */
static enum lethe_err take(struct lethe_reader *reader, unsigned char *to, size_t size, size_t *got,
                           struct lethe_error *err)
{
    *got = 0;
    while (*got < size) {
        size_t piece = size - *got < PIECE ? size - *got : PIECE;
        int count = gzread(reader->file, to + *got, (unsigned)piece), zerr = Z_OK;
        const char *text = gzerror(reader->file, &zerr);
        if (count < 0 || (count == 0 && zerr == Z_BUF_ERROR))
            return zerr == Z_ERRNO
                       ? lethe_fail(err, LETHE_EIO, "cannot read '%s': %s", reader->path,
                                    strerror(errno))
                       : lethe_fail(err, LETHE_EFORMAT, "'%s' is a damaged gzip file: %s",
                                    reader->path, count ? text : "it ends too early");
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return LETHE_OK;
}

enum lethe_err lethe_reader_read(struct lethe_reader *reader, void *to, size_t size, size_t *got,
                                 struct lethe_error *err)
{
    size_t ahead = reader->size - reader->at, rest = 0;
    ahead = ahead < size ? ahead : size;
    memcpy(to, reader->ahead + reader->at, ahead);
    reader->at += ahead;
    enum lethe_err code = take(reader, (unsigned char *)to + ahead, size - ahead, &rest, err);
    *got = ahead + rest;
    return code;
}

enum lethe_err lethe_reader_peek(struct lethe_reader *reader, const unsigned char **bytes,
                                 size_t size, size_t *got, struct lethe_error *err)
{
    size_t more = 0;
    enum lethe_err code = LETHE_OK;
    if (size > PEEK)
        size = PEEK;
    if (size > reader->size)
        code = take(reader, reader->ahead + reader->size, size - reader->size, &more, err);
    reader->size += more;
    *bytes = reader->ahead;
    *got = reader->size < size ? reader->size : size;
    return code;
}
