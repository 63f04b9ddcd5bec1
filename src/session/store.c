/* SPDX-License-Identifier: MIT
 * Lock, blobs, head.json and journal on the disk. The lock is a flock on a file of its own: the
 * kernel gives it back however the process ends. */
#include "session/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"

/* dir/name as heap text; NULL with err filled. */
static char *path_of(const char *dir, const char *name, struct lethe_error *err)
{
    char *path = lethe_path_join(dir, name);
    if (!path)
        lethe_fail_memory(err, "a path", strlen(dir) + strlen(name), 1);
    return path;
}

int lethe_session_exists(const char *dir)
{
    char *path = lethe_path_join(dir, "head.json");
    int there = path && lethe_file_exists(path);
    lethe_free(path);
    return there;
}

/* ---- lock ------------------------------------------------------------------------------------ */

/* The lock that could not be had is closed. */
static enum lethe_err not_locked(int file, const char *dir, const char *path,
                                 struct lethe_error *err)
{
    char owner[32] = "";
    const int busy = errno == EWOULDBLOCK, why = errno;
    ssize_t n = pread(file, owner, sizeof owner - 1, 0);
    owner[n > 0 ? n : 0] = '\0';
    owner[strcspn(owner, "\n")] = '\0';
    close(file);
    if (!busy)
        return lethe_fail(err, LETHE_EIO, "cannot lock '%s': %s", path, strerror(why));
    return lethe_fail(err, LETHE_EIO,
                      "session '%s' is open in another lethe (process %s): close that one or "
                      "choose another session",
                      dir, *owner ? owner : "unknown");
}

static enum lethe_err take_lock(int *lock, const char *dir, const char *path,
                                struct lethe_error *err)
{
    char owner[32] = "";
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return lethe_fail(err, LETHE_EIO, "cannot lock '%s': %s", path, strerror(errno));
    (void)!fchmod(file, 0600);
    if (flock(file, LOCK_EX | LOCK_NB))
        return not_locked(file, dir, path, err);
    int n = snprintf(owner, sizeof owner, "%ld\n", (long)getpid());
    /* Who holds it is a courtesy: a full disk must not keep a session from being opened. */
    if (ftruncate(file, 0) == 0) {
        ssize_t wrote = pwrite(file, owner, (size_t)n, 0);
        (void)wrote;
    }
    *lock = file;
    return LETHE_OK;
}

static enum lethe_err make_and_lock(int *lock, const char *dir, struct lethe_error *err)
{
    char *blobs = path_of(dir, "blobs", err), *path = path_of(dir, "lock", err);
    enum lethe_err code = blobs && path ? lethe_folder_make(blobs, err) : LETHE_ENOMEM;
    if (!code)
        code = take_lock(lock, dir, path, err);
    lethe_free(blobs);
    lethe_free(path);
    return code;
}

void lethe_store_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

enum lethe_err lethe_store_create(int *lock, const char *dir, struct lethe_error *err)
{
    if (lethe_session_exists(dir))
        return lethe_fail(err, LETHE_EARG,
                          "'%s' holds a session already: open it or choose another", dir);
    return make_and_lock(lock, dir, err);
}

enum lethe_err lethe_store_lock(int *lock, const char *dir, struct lethe_error *err)
{
    if (!lethe_session_exists(dir)) {
        lethe_fail(err, LETHE_EIO, "cannot open session '%s': no head.json there", dir);
        return LETHE_EIO;
    }
    return make_and_lock(lock, dir, err);
}

static int may_write(const char *dir, const char *name)
{
    char *path = lethe_path_join(dir, name);
    const int may = path && (access(path, F_OK) ? errno == ENOENT : !access(path, W_OK));
    lethe_free(path);
    return may;
}

int lethe_store_may_write(const char *dir)
{
    static const char *const parts[] = {"", "head.json", "lock", "blobs"};
    int may = 1;
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        may &= may_write(dir, parts[k]);
    DIR *folder = opendir(dir);
    for (struct dirent *e; folder && may && (e = readdir(folder));)
        if (!strncmp(e->d_name, LETHE_JOURNAL_PREFIX, strlen(LETHE_JOURNAL_PREFIX)))
            may = may_write(dir, e->d_name);
    if (folder)
        closedir(folder);
    return may;
}

enum lethe_err lethe_store_lock_reading(int *lock, const char *dir, struct lethe_error *err)
{
    char *path = path_of(dir, "lock", err);
    if (!path)
        return LETHE_ENOMEM;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    enum lethe_err code = LETHE_OK;
    if (file >= 0 && flock(file, LOCK_SH | LOCK_NB))
        code = not_locked(file, dir, path, err);
    else
        *lock = file;
    lethe_free(path);
    return code;
}

static int is_empty(const char *dir)
{
    DIR *folder = opendir(dir);
    int empty = 1;
    for (struct dirent *e; folder && empty && (e = readdir(folder));)
        empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || !strcmp(e->d_name, "lock") ||
                !strcmp(e->d_name, "blobs");
    if (folder)
        closedir(folder);
    return empty;
}

enum lethe_err lethe_store_prepare(int *lock, const char *dir, struct lethe_error *err)
{
    if (lethe_file_exists(dir) || (!lethe_session_exists(dir) && !is_empty(dir)))
        return lethe_fail(err, LETHE_EARG,
                          "'%s' holds something else than a session: choose a new folder", dir);
    return make_and_lock(lock, dir, err);
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum lethe_err write_blob(const struct lethe_state *state, const char *blobs, int afresh,
                                 int *wrote, struct lethe_error *err)
{
    struct lethe_pack pack = {0};
    struct lethe_blob read = {0};
    const struct lethe_blob *kept = &state->kept;
    enum lethe_err code = LETHE_OK;
    char *path = path_of(blobs, state->blob, err);
    if (!path)
        return LETHE_ENOMEM;
    if (afresh || !lethe_file_exists(path)) {
        if (!kept->value) {
            code = lethe_blob_read(&read, state->folder, state->blob, err);
            kept = &read;
        }
        if (!code)
            lethe_blob_encode(&pack, kept);
        if (pack.failed)
            code = lethe_fail_memory(err, "a state's weights", kept->changed, 16);
        if (!code)
            code = lethe_file_place(path, pack.at, pack.count, err);
        *wrote = 1;
    }
    lethe_blob_release(&read);
    lethe_pack_release(&pack);
    lethe_free(path);
    return code;
}

/* The blobs of states from `first` on, and their names in the folder. */
static enum lethe_err write_blobs(const struct lethe_session *session, const char *dir,
                                  size_t first, int afresh, struct lethe_error *err)
{
    int wrote = 0;
    char *blobs = path_of(dir, "blobs", err);
    enum lethe_err code = blobs ? LETHE_OK : LETHE_ENOMEM;
    for (size_t i = first; !code && i < session->history.count; i++)
        code = write_blob(session->history.states[i], blobs, afresh, &wrote, err);
    if (!code && wrote)
        code = lethe_folder_sync(blobs, err);
    lethe_free(blobs);
    return code;
}

enum lethe_err lethe_store_write(const struct lethe_session *session, const char *dir, int afresh,
                                 struct lethe_writing *writing, int *renamed,
                                 struct lethe_error *err)
{
    struct lethe_writing made = {.journal = -1};
    char *path = path_of(dir, "head.json", err);
    enum lethe_err code = path ? write_blobs(session, dir, 0, afresh, err) : LETHE_ENOMEM;
    char *text = code ? NULL : lethe_head_encode(session, made.base);
    *renamed = 0;
    if (!code && !text)
        code = lethe_fail_memory(err, "head.json", session->history.count, 1024);
    if (!code) {
        made.head_bytes = strlen(text);
        memcpy(made.check, made.base, sizeof made.check);
        code = lethe_file_keep(path, text, made.head_bytes, renamed, err);
    }
    if (*renamed)
        *writing = made;
    lethe_free(path);
    lethe_free(text);
    return code;
}

/* The journal that belonged to the head.json before. It is out of date now, so that it may as well
 * stay until the next sweep. */
static void remove_journal(const struct lethe_session *session, const char *base)
{
    char name[LETHE_JOURNAL_NAME];
    lethe_journal_name(name, base);
    char *path = lethe_path_join(session->dir, name);
    if (path && lethe_file_exists(path))
        lethe_file_remove(path, NULL);
    lethe_free(path);
}

static enum lethe_err write_head(struct lethe_session *session, struct lethe_error *err)
{
    struct lethe_writing fresh, *writing = &session->writing;
    int renamed;
    enum lethe_err code = lethe_store_write(session, session->dir, 0, &fresh, &renamed, err);
    if (code) {
        writing->afresh = 1;
        return code;
    }
    char before[LETHE_HASH_HEX];
    memcpy(before, writing->base, sizeof before);
    lethe_journal_close(session);
    lethe_pairs_release(&writing->draft);
    *writing = fresh;
    if (*before && strcmp(before, fresh.base) != 0)
        remove_journal(session, before);
    lethe_journal_settled(session);
    return LETHE_OK;
}

/* Half of what would be read is out of date, and that is enough to matter. */
static int is_wasteful(const struct lethe_writing *writing)
{
    enum { LITTLE = 1 << 16 };
    return writing->waste > LITTLE && writing->waste > (writing->head_bytes + writing->end) / 2;
}

enum lethe_err lethe_store_note(struct lethe_session *session, const struct lethe_change *change,
                                int sync, struct lethe_error *err)
{
    struct lethe_history *history = &session->history;
    enum lethe_err code = LETHE_OK;
    if (session->writing.afresh || is_wasteful(&session->writing))
        return write_head(session, err);
    if (change->made)
        code = write_blobs(session, session->dir, history->count - 1, 0, err);
    return code ? code : lethe_journal_append(session, change, sync, err);
}

void lethe_store_compact(struct lethe_session *session)
{
    if (!session->writing.afresh && is_wasteful(&session->writing))
        write_head(session, NULL);
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum lethe_err read_journal(struct lethe_session_reader *r, struct lethe_error *err)
{
    struct lethe_bytes bytes = {0};
    struct lethe_writing *writing = &r->session->writing;
    char name[LETHE_JOURNAL_NAME];
    lethe_journal_name(name, writing->base);
    char *path = path_of(r->session->dir, name, err);
    enum lethe_err code = path ? LETHE_OK : LETHE_ENOMEM;
    if (!code && lethe_file_exists(path)) {
        r->file = path;
        code = lethe_file_read(&bytes, path, SIZE_MAX, err);
        if (!code)
            code = lethe_journal_read(r, bytes.data, bytes.size, &writing->end);
    }
    lethe_free(bytes.data);
    lethe_free(path);
    return code;
}

enum lethe_err lethe_store_read(struct lethe_session *session, struct lethe_error *err)
{
    enum { EARLY = 1 << 20 }; /* bytes: a few ms of hashing */
    struct lethe_bytes text = {0};
    char *blobs = path_of(session->dir, "blobs", err);
    char *path = path_of(session->dir, "head.json", err);
    struct lethe_session_reader r = {
        .session = session, .file = path, .folder = blobs, .budget = EARLY, .err = err};
    enum lethe_err code =
        blobs && path ? lethe_file_read(&text, path, SIZE_MAX, err) : LETHE_ENOMEM;
    if (!code)
        code = lethe_head_decode(&r, (const char *)text.data, text.size);
    if (!code && !session->writing.afresh)
        code = read_journal(&r, err);
    if (!code)
        code = lethe_state_verify(session->history.place.head, err);
    if (!code)
        lethe_journal_settled(session);
    lethe_free(text.data);
    lethe_free(blobs);
    lethe_free(path);
    return code;
}
