/* SPDX-License-Identifier: MIT
 * Errors. A fallible function returns enum lethe_err (0 is ok), fills its outputs only on success,
 * and puts code, message and place into the caller's struct lethe_error. Messages are lower case
 * and name the thing, the cause and the remedy: "cannot open 'x.onnx': no such file". */
#ifndef LETHE_ERROR_H
#define LETHE_ERROR_H

enum lethe_err {
    LETHE_OK = 0,
    LETHE_EARG,    /* a value the caller chose is not allowed       exit 1 */
    LETHE_EUSAGE,  /* the command line itself is wrong              exit 2 */
    LETHE_EFORMAT, /* a file is not what it says it is              exit 3 */
    LETHE_EIO,     /* the system refused: open, write, disk full    exit 4 */
    LETHE_ENUM,    /* numerical: singular, indefinite, not finite   exit 5 */
    LETHE_ECANCEL, /* cancelled by the user                         exit 130 */
    LETHE_ENOMEM,  /* out of memory                                 exit 4 */
    LETHE_EBUG,    /* a mistake of ours                             exit 70 */
    LETHE_ERR_COUNT
};

struct lethe_error {
    enum lethe_err code;
    char message[480]; /* one line, no final full stop */
    char where[128];   /* file, node or command the message is about; may be empty */
};

/* Fills err (NULL is ignored) and returns code, so that "return lethe_fail(...)" reads well.
 * The text is cut to fit; control characters in it are replaced, so it stays one line. */
enum lethe_err lethe_fail(struct lethe_error *err, enum lethe_err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__ /* which looks into one file at a time, and must know that it fails */
#define lethe_fail(err, code, ...) ((lethe_fail)(err, code, __VA_ARGS__), (code))
#endif

/* Sets the place of an error that has been filled already. */
void lethe_error_at(struct lethe_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Stable lower-case name of a code for JSON ("format", "io", ...), static text, and its process
 * exit status. */
const char *lethe_err_name(enum lethe_err code);
int lethe_err_exit(enum lethe_err code);

#endif
