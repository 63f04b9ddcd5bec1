/* SPDX-License-Identifier: MIT
 * What has been decided so far: a tree of immutable states (weights before, after each training and
 * each removal), the place in it, and enough words to make it again.
 *
 * A state is shared by reference count and may be read from any thread, its acts (who said what
 * when it was made) from the session's only. A session belongs to one thread. It lives in memory
 * only, or in a directory for its owner alone that survives kill -9 at any moment:
 *
 *     lock             held while the session is open; names the process
 *     head.json        everything but the weights, as it was when this file was written
 *     journal-CHECK    what was decided since, one line a decision, only ever appended to; CHECK is
 *                      the beginning of head.json's own, so that the two belong together
 *     blobs/HASH       weights, named by the SHA-256 of their bytes; on disk before a line names
 *                      them
 *     retrains/        what can be made again: models trained again, EKFAC of the head
 *                      (curvature.ekfac); a seal leaves none of them
 *
 * Each line of the journal carries a hash over itself and all lines before. A line that a crash
 * left unfinished is cut off; opening writes head.json anew when half of the lines are out of date.
 *
 * Sample ids are numbers of the training set. Hashes are 64 lower-case hex digits. */
#ifndef LETHE_SESSION_H
#define LETHE_SESSION_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"
#include "lethe/shared.h"

enum { LETHE_HASH_HEX = 65 }; /* with the final 0 */

/* ---- ordered key/value texts ------------------------------------------------------------------
 */

struct lethe_pair {
    char *key, *value;
};

struct lethe_pairs {
    struct lethe_pair *at; /* in order of first setting */
    size_t count, room;
};

/* Gives back all pairs; zeroed ok. */
void lethe_pairs_release(struct lethe_pairs *pairs);
/* Replaces the value of a known key in place. key and value are copied. */
enum lethe_err lethe_pairs_set(struct lethe_pairs *pairs, const char *key, const char *value,
                               struct lethe_error *err);
/* Borrowed; NULL: not there. */
const char *lethe_pairs_get(const struct lethe_pairs *pairs, const char *key);
enum lethe_err lethe_pairs_copy(struct lethe_pairs *to, const struct lethe_pairs *from,
                                struct lethe_error *err); /* `to` is empty */

/* ---- states -----------------------------------------------------------------------------------
 */

struct lethe_state;

/* Another reference; returns state. From any thread. */
struct lethe_state *lethe_state_ref(struct lethe_state *state);
void lethe_state_unref(struct lethe_state *state); /* NULL ok */

/* Texts of a state are borrowed from it. The id is a SHA-256 over parent, forget ids, settings,
 * seed and weight bits; no clock, metric or thread. */
const char *lethe_state_id(const struct lethe_state *state);
struct lethe_state *lethe_state_parent(const struct lethe_state *state); /* borrowed; NULL: root */
const char *lethe_state_kind(const struct lethe_state *state); /* "root", "train", "forget" ... */
uint64_t lethe_state_seed(const struct lethe_state *state);
const char *lethe_state_weights_hash(const struct lethe_state *state); /* of all weights' bits */
/* Borrowed, of the act that led to this state last. Undone and committed anew, a state is the same
 * one, but its message, time and metrics are those of the later act. */
const char *lethe_state_message(const struct lethe_state *state);
int64_t lethe_state_time(const struct lethe_state *state);        /* seconds since 1970, UTC */
const char *lethe_state_metrics(const struct lethe_state *state); /* JSON text; "" when none */
/* All acts that led here, the last one first: their messages, borrowed, and times. The settings of
 * a state are borrowed, too. */
size_t lethe_state_acts(const struct lethe_state *state);
const char *lethe_state_act(const struct lethe_state *state, size_t index, int64_t *time);
const struct lethe_pairs *lethe_state_settings(const struct lethe_state *state);
/* Ids forgotten by this state alone, increasing, borrowed; *count of them. */
const size_t *lethe_state_forget(const struct lethe_state *state, size_t *count);
/* Everything forgotten up to this state: *ids is new (lethe_free), increasing, without repeats. */
enum lethe_err lethe_state_forgotten(size_t **ids, size_t *count, const struct lethe_state *state,
                                     struct lethe_error *err);
size_t lethe_state_size(const struct lethe_state *state);    /* weights, buffers included */
size_t lethe_state_changed(const struct lethe_state *state); /* entries that differ from parent */
/* w is (size), bit for bit as committed. What is not in memory is read from the session's directory
 * and checked: LETHE_EIO and LETHE_EFORMAT name the file. */
enum lethe_err lethe_state_weights(const struct lethe_state *state, double *w,
                                   struct lethe_error *err);
/* Its weights where they are in memory as a whole: a reference, the caller's (unref). NULL: they
 * are differences, or on disk; lethe_state_weights puts them together. */
struct lethe_shared *lethe_state_share(const struct lethe_state *state);

/* What differs between two states of one session. */
struct lethe_state_diff {
    struct lethe_setting_diff {
        const char *key, *a, *b; /* NULL: not set there; borrowed from the states */
    } * settings;
    size_t setting_count;
    size_t *only_a, *only_b; /* forgotten in one of them, all states up to it counted */
    size_t only_a_count, only_b_count;
    size_t changed; /* weights that differ */
    double norm;    /* Euclidean length of the difference */
    double largest; /* its largest entry in absolute value */
};

/* *diff is the caller's (release) and borrows texts of both states. LETHE_EARG: states of
 * different networks; LETHE_EIO: weights that cannot be read. */
enum lethe_err lethe_state_diff(struct lethe_state_diff *diff, const struct lethe_state *a,
                                const struct lethe_state *b, struct lethe_error *err);
/* Zeroed ok. */
void lethe_state_diff_release(struct lethe_state_diff *diff);

/* ---- sessions ---------------------------------------------------------------------------------
 */

struct lethe_session;

/* Where the root came from. Hashes are the caller's choice of what identifies model and data; they
 * are compared when the session is opened again. */
struct lethe_source {
    const char *path; /* bundle or model, as given */
    const char *model_hash;
    const char *data_hash; /* "" when there is no data yet */
    const char *place;     /* the path from the root of the file system; NULL: it is not there.
                              Found by the session: nothing is asked of the caller */
};

/* A new session whose root has weights w (size). dir NULL: in memory only; otherwise the directory
 * is made, locked and written; it must not hold a session. Everything is copied; *session is new
 * (close). */
enum lethe_err lethe_session_new(struct lethe_session **session, const char *dir,
                                 const struct lethe_source *source, const double *w, size_t size,
                                 struct lethe_error *err);
/* The same, but the weights are not copied: a reference to them is kept. */
enum lethe_err lethe_session_share(struct lethe_session **session, const char *dir,
                                   const struct lethe_source *source, struct lethe_shared *weights,
                                   size_t size, struct lethe_error *err);
/* Opens (*session is new: close), locks and checks a directory: version, hashes of head.json, of
 * the journal's lines, of every state, of the head's weights; that every other blob is there, and
 * its content too while that is little to read (else it is checked when it is used). Then sweeps
 * blobs that nothing refers to. On any error the directory is left as it is. Sessions of version 1
 * are read; their first change writes them in the present format.
 *
 * A directory (or a head.json in it) that this process may not write is opened for reading: nothing
 * in it is touched, sync does nothing, undo, redo and checkout move in memory only, and what would
 * add to the history is LETHE_EIO. */
enum lethe_err lethe_session_open(struct lethe_session **session, const char *dir,
                                  struct lethe_error *err);
/* Gives the lock back; does not sync. NULL ok. */
void lethe_session_close(struct lethe_session *session);
/* Where the session of a bundle or model lives when no place is given: a folder below
 * state_folder/sessions, named after the file and a hash of its absolute path. *dir is new
 * (lethe_free). */
enum lethe_err lethe_session_home(char **dir, const char *state_folder, const char *path,
                                  struct lethe_error *err);
/* 1 when dir holds a head.json. */
int lethe_session_exists(const char *dir);

const char *lethe_session_dir(const struct lethe_session *session); /* borrowed; NULL: in memory */
int lethe_session_reading(const struct lethe_session *session);     /* 1: opened for reading */
/* LETHE_EIO with the remedy when it was opened for reading: for who would work long before adding
 * to it. */
enum lethe_err lethe_session_check_writing(const struct lethe_session *session,
                                           struct lethe_error *err);
/* As lethe_session_dir, borrowed; NULL when it was opened for reading: where files may be put. */
const char *lethe_session_own_dir(const struct lethe_session *session);
/* Borrowed from the session. */
const struct lethe_source *lethe_session_source(const struct lethe_session *session);
/* Its model or bundle, checked by the caller, may be at another path now: kept with the next change
 * of the session. */
enum lethe_err lethe_session_follow(struct lethe_session *session, const char *path,
                                    struct lethe_error *err);
/* LETHE_EFORMAT when model or data are not the ones the session began with. */
enum lethe_err lethe_session_check(const struct lethe_session *session, const char *model_hash,
                                   const char *data_hash, struct lethe_error *err);

/* How a session stands to the disk, for whoever tells a person. */
struct lethe_standing {
    int kept;       /* in a directory; otherwise what is new ends with the program */
    int resumed;    /* opened from a directory: it goes on from an earlier run */
    size_t commits; /* between the root and the head */
    size_t gone;    /* samples forgotten up to the head, those known by a salted hash included */
    size_t unsaved; /* states that end with the program: of a session that is not kept, and that no
                     * lethe_session_save has written since they were made */
};
/* Fills standing; nothing in it is borrowed. */
void lethe_session_standing(struct lethe_standing *standing, const struct lethe_session *session);
/* What opening had to put right, as one line for a person, borrowed; "" when all was well. */
const char *lethe_session_remark(const struct lethe_session *session);

/* Head: what all commands work on. Borrowed; take a reference before handing it to a job. */
struct lethe_state *lethe_session_head(const struct lethe_session *session);
size_t lethe_session_count(const struct lethe_session *session); /* states, parents first */
struct lethe_state *lethe_session_state(const struct lethe_session *session, size_t index);
/* By id, unique prefix of an id (4 digits or more), branch, "head", "root", "head~2". Borrowed. */
enum lethe_err lethe_session_find(struct lethe_state **state, const struct lethe_session *session,
                                  const char *name, struct lethe_error *err);

struct lethe_commit {
    const char *kind; /* "forget", "train" */
    const char *message;
    const size_t *forget; /* increasing, not forgotten before; may be NULL when count is 0 */
    size_t forget_count;
    const struct lethe_pairs *settings; /* everything besides parent, ids and seed that decides w */
    uint64_t seed;
    const double *w;             /* (size of the head), all weights after the step */
    struct lethe_shared *shared; /* owner of w, which is then not copied; NULL: w is borrowed */
    const char *metrics;         /* JSON text or NULL */
    int64_t time;                /* seconds since 1970, UTC */
};

/* The command line that the next decision (commit, undo ... checkout) comes from: it becomes a line
 * of the script in the same write. NULL takes it back. lethe_session_announced: 1 while it waits.
 */
enum lethe_err lethe_session_announce(struct lethe_session *session, const char *line,
                                      struct lethe_error *err);
int lethe_session_announced(const struct lethe_session *session);

/* Adds a state after the head and moves there; only the weights that differ are stored. Written to
 * the directory before it returns, draft and script with it in one write: on failure nothing has
 * changed, in memory or on disk. A commit whose id exists already moves to that state and adds its
 * act to it. *state (may be NULL) is borrowed. */
enum lethe_err lethe_session_commit(struct lethe_session *session, struct lethe_state **state,
                                    const struct lethe_commit *commit, struct lethe_error *err);
/* Each is written to the directory before it returns, or has no effect. */
enum lethe_err lethe_session_undo(struct lethe_session *session, struct lethe_error *err);
enum lethe_err lethe_session_redo(struct lethe_session *session, struct lethe_error *err);
/* A new branch at the head, and on to it. Names: letters, digits, '-', '_', '.', not hex only. */
enum lethe_err lethe_session_branch(struct lethe_session *session, const char *name,
                                    struct lethe_error *err);
/* To a branch, or to any state (then no branch follows until the next `branch`). */
enum lethe_err lethe_session_checkout(struct lethe_session *session, const char *name,
                                      struct lethe_error *err);
const char *
lethe_session_on(const struct lethe_session *session); /* its branch, borrowed; "": none */
size_t lethe_session_branch_count(const struct lethe_session *session);
const char *lethe_session_branch_name(const struct lethe_session *session, size_t index,
                                      struct lethe_state **at); /* at: borrowed, NULL allowed */
int lethe_session_can_undo(const struct lethe_session *session);
int lethe_session_can_redo(const struct lethe_session *session);
/* The state that redo leads to, borrowed; NULL: nothing to redo. */
struct lethe_state *lethe_session_redo_to(const struct lethe_session *session);

/* The uncommitted work, borrowed and opaque here (forget set, blanket, damping ...). In memory
 * until the next commit, undo ... (which write it in the same step) or sync. */
const struct lethe_pairs *lethe_session_draft(const struct lethe_session *session);
enum lethe_err lethe_session_draft_set(struct lethe_session *session, const char *key,
                                       const char *value, struct lethe_error *err);
void lethe_session_draft_clear(struct lethe_session *session);

/* The script: command lines in order (borrowed), each with the head after it; for replay. */
enum lethe_err lethe_session_note(struct lethe_session *session, const char *line,
                                  struct lethe_error *err);
size_t lethe_session_note_count(const struct lethe_session *session);
const char *lethe_session_note_line(const struct lethe_session *session, size_t index,
                                    const char **head); /* id after the line; NULL allowed */

/* Writes draft and script; safe from kill -9 when it returns, from a power cut after the next
 * decision, save or close. Nothing to do when nothing changed, or in memory only. */
enum lethe_err lethe_session_sync(struct lethe_session *session, struct lethe_error *err);
/* A complete copy in another directory, which must be new, empty or a session nobody has open (it
 * is replaced). The session itself stays where it is. */
enum lethe_err lethe_session_save(struct lethe_session *session, const char *dir,
                                  struct lethe_error *err);

/* ---- sealing ----------------------------------------------------------------------------------
 */

/* A seal irrevocably drops what came before a state: earlier states, branches that do not come
 * after it, the script so far, its own settings, message and metrics, the draft, and retrained
 * models that were kept. What stays is its weights and, instead of the ids forgotten up to it,
 * their hashes under a random salt. States after it keep their ids to forget but get new names.
 *
 * The receipt is JSON with the salt, which is kept nowhere else: with it one can prove that a
 * sample was forgotten, and lethe_session_sealed_ids finds the ids again; without it nobody can. So
 * it must be on the disk before lethe_session_seal. Copies of the session, the original model and
 * the data are not touched. */
struct lethe_seal;

/* Prepares *seal, which is new (free); nothing changes. The head must be the state called `name` or
 * come after it. `draft` is what takes the draft's place (NULL: nothing): it must name no sample.
 */
enum lethe_err lethe_seal_new(struct lethe_seal **seal, const struct lethe_session *session,
                              const char *name, const struct lethe_pairs *draft, int64_t time,
                              struct lethe_error *err);
void lethe_seal_free(struct lethe_seal *seal);                 /* NULL ok */
const char *lethe_seal_receipt(const struct lethe_seal *seal); /* borrowed */
/* Carries out a seal of this session as it is now; once. Reads the directory back. *done is 1 when
 * the session is sealed: with an error it says that something of the past could not be removed, or
 * that the disk has not confirmed the seal. With *done 0 nothing has changed. */
enum lethe_err lethe_session_seal(struct lethe_session *session, struct lethe_seal *seal, int *done,
                                  struct lethe_error *err);

/* What a receipt says, and what the session has to say to it. */
struct lethe_seal_check {
    int64_t time;       /* of the seal */
    size_t promised;    /* samples the receipt says were sealed */
    size_t opened;      /* those found among the session's sealed samples; of 0 .. samples - 1 */
    size_t sealed;      /* sealed samples of the session, of all its seals */
    int last;           /* the session's last seal is this one */
    int weights;        /* its root has the weights that were sealed; 1 when not `last` */
    size_t leftovers;   /* files of the time before that are still in its folder */
    char leftover[160]; /* the first of them; "" */
};
/* LETHE_EFORMAT when it is no receipt or was changed, LETHE_EARG when it belongs to another session
 * or its seal was never carried out. `samples` 0: no data to open ids with. */
enum lethe_err lethe_session_seal_check(struct lethe_seal_check *check,
                                        const struct lethe_session *session, const char *receipt,
                                        size_t samples, struct lethe_error *err);
/* How many forgotten samples are known by salted hash only. They are still in the data: whoever
 * computes on the retained samples must give the receipt or data without them. */
size_t lethe_session_sealed(const struct lethe_session *session);
/* The sealed ids below `samples` that a receipt (JSON text) opens, increasing; *ids is new
 * (lethe_free). LETHE_EARG when the receipt belongs to another session. */
enum lethe_err lethe_session_sealed_ids(size_t **ids, size_t *count,
                                        const struct lethe_session *session, const char *receipt,
                                        size_t samples, struct lethe_error *err);

#endif
