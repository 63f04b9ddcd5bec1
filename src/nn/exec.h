/* SPDX-License-Identifier: MIT
 * Inside of an executor. A batch runs in *parts* of `grain` samples (the last may be smaller): few
 * enough that an operator finds in the cache what the one before it wrote, and independent, so that
 * several *workers* share the parts out. What a part must remember from forward to backward lies in
 * arenas of its own; everything else lies in the arena of the worker that runs it.
 *
 * Parts come in at most GROUPS groups, each done by one worker from its first part to its last;
 * gradients add up inside a group, then group after group. None of this depends on the number of
 * workers, and so no bit of a result does. */
#ifndef LETHE_NN_EXEC_H
#define LETHE_NN_EXEC_H

#include <pthread.h>

#include "base/threads.h"
#include "nn/layout.h"
#include "nn/ops.h"
#include "nn/plan.h"

enum { LETHE_EXEC_GROUPS = 8 };

/* The graph at one number of samples, ready for the executor's type. */
struct lethe_batch_form {
    struct lethe_plan *plan;
    char *consts;                 /* floats: the plan's constants */
    struct lethe_onednn **onednn; /* by node; NULL where our own kernel runs */
    size_t scratch;               /* numbers a kernel may need */
    unsigned long *packed;        /* by node: version of the filters that onednn holds, 0: none */
    size_t *note;                 /* by node: place of a tape's note, LETHE_NONE: it has none */
    size_t notes;                 /* numbers of all notes */
    int backward;                 /* onednn can do backward, too */
};

struct lethe_part {
    size_t first, n; /* samples */
    const struct lethe_batch_form *form;
    char *values, *adjoints; /* kept ones */
    char *notes;             /* of a tape, or of an executor that takes them */
};

struct lethe_worker {
    void **x, **dx, **tx;      /* by value, of the part at work */
    struct lethe_data *calls;  /* by node, pointing into x, dx, tx */
    struct lethe_arena tables; /* the pointer tables of calls */
    unsigned char *begun;      /* by value: its adjoint holds something */
    char *scratch, *loose, *dw;
    size_t scratch_room;
    const struct lethe_batch_form *x_form, *dx_form, *tx_form; /* what the tables were made for */
    const struct lethe_part *x_part, *dx_part;
    unsigned x_key, dx_key, tx_key;

    /* Second derivatives: tangents that backward_jvp reads, and tangents of the adjoints. */
    void **ddx;                /* by value */
    struct lethe_data *bent;   /* by node: x and y of calls, dx and dy pointing into ddx */
    unsigned char *bent_begun; /* as begun */
    char *tangents, *bends;    /* kept and loose ones of exec->tangents, exec->captured */
    const struct lethe_batch_form *ddx_form;
    unsigned ddx_key;
};

struct lethe_gated_grads;

struct lethe_exec {
    struct lethe_graph *graph;
    enum lethe_dtype dtype;
    size_t batch, bytes;              /* bytes of a number */
    size_t n;                         /* samples whose values are kept, 0: none */
    int has_adjoints;                 /* those that captures read */
    unsigned long backward_passes;    /* that kept them, so far */
    struct lethe_gated_grads *gated;  /* of LSTM and GRU; NULL: there are none */
    size_t grain, logits;             /* samples in a part, numbers in a sample's logits */
    struct lethe_batch_form forms[3]; /* grain samples; two remainders */
    size_t newest;                    /* remainder used last: 1 or 2 */

    struct lethe_memory_layout values, pure; /* kept for backward; nothing kept */
    struct lethe_memory_layout captured,
        lean; /* adjoints kept for captures; none, also of tangents */
    struct lethe_memory_layout taped,
        tangents; /* a tape's values; the tangents that backward_jvp reads */
    size_t loose_size;
    int noted;            /* forward passes that are kept take notes */
    unsigned char *moved; /* by value: reached by a parameter that directions move; NULL: all */

    struct lethe_part *parts; /* (part_room) */
    size_t part_count, part_room;
    char *w;                /* parameters and buffers */
    unsigned long version;  /* counts changes of w, from 1 */
    unsigned long *changed; /* by parameter: version of its last change */
    char *tw;               /* tangent of the parameters */

    struct lethe_worker *workers;
    unsigned worker_count;
    struct lethe_threads *pool; /* NULL: one worker */
    pthread_mutex_t lock;
    pthread_cond_t next;
    size_t turn; /* group whose gradient is added next */

    size_t *cut;            /* by value: place in a sample's part of the store, or LETHE_NONE */
    size_t cut_size;        /* numbers stored for a sample */
    unsigned char *below;   /* by node: below the cut */
    unsigned char *stale;   /* by value: differs from what the last forward computed */
    unsigned char *reached; /* by node: computed again */
    size_t ran;             /* calls made for each part by the last forward or reforward */
};

/* Numbers in the logits of the last forward (of a full batch before the first). */
size_t lethe_exec_logits_size(const struct lethe_exec *exec);
/* Numbers of the executor's type to and from doubles. */
void lethe_exec_read(double *out, const char *from, size_t n, const struct lethe_exec *exec);
void lethe_exec_write(char *to, const double *in, size_t n, const struct lethe_exec *exec);

/* What the tables of a worker point to. */
enum lethe_bind {
    LETHE_BIND_PURE = 1,     /* values: nothing kept */
    LETHE_BIND_CAPTURED = 2, /* adjoints: those of captures kept */
    LETHE_BIND_PARAMS = 4,   /* adjoints of parameters, too */
    LETHE_BIND_TAPED = 8,    /* values: those of a tape, with its notes */
    LETHE_BIND_CURVED = 16   /* tangents: those that backward_jvp reads kept */
};
void lethe_exec_bind_values(const struct lethe_exec *exec, struct lethe_worker *worker,
                            const struct lethe_part *part, unsigned key);
void lethe_exec_bind_adjoints(const struct lethe_exec *exec, struct lethe_worker *worker,
                              const struct lethe_part *part, unsigned key);
void lethe_exec_bind_tangents(const struct lethe_exec *exec, struct lethe_worker *worker,
                              const struct lethe_part *part, unsigned key);
void lethe_exec_bind_bends(const struct lethe_exec *exec, struct lethe_worker *worker,
                           const struct lethe_part *part, unsigned key);
/* Whether a pass along a direction has anything to do at a value. */
static inline int lethe_exec_moves(const struct lethe_exec *exec, const struct lethe_plan *plan,
                                   size_t v)
{
    return v != LETHE_NONE && plan->values[v].needs && (!exec->moved || exec->moved[v]);
}

/* Where a part's value lies after forward, its derivative after backward with captures; NULL: not
 * kept. Any thread may ask. */
const void *lethe_exec_kept_value(const struct lethe_exec *exec, const struct lethe_part *part,
                                  size_t v);
const void *lethe_exec_kept_adjoint(const struct lethe_exec *exec, const struct lethe_part *part,
                                    size_t v);

/* One pass over the batch: what to do with each part. */
struct lethe_pass {
    struct lethe_exec *exec;
    void (*part)(struct lethe_pass *pass, struct lethe_worker *worker,
                 const struct lethe_part *part);
    unsigned key; /* enum lethe_bind */
    const double *const *inputs;
    const double *in; /* dlogits */
    double *out;      /* logits or dlogits */
    double *grad;
    const unsigned char *nodes; /* those that run, NULL: all */
    char *store;                /* of a cut's values, or NULL */
    struct lethe_tape_pass *tape;
};
void lethe_exec_run(struct lethe_pass *pass); /* over all parts */
void lethe_exec_forward_part(struct lethe_pass *pass, struct lethe_worker *worker,
                             const struct lethe_part *part);
void lethe_exec_jvp_part(struct lethe_pass *pass, struct lethe_worker *worker,
                         const struct lethe_part *part);
void lethe_exec_backward_part(struct lethe_pass *pass, struct lethe_worker *worker,
                              const struct lethe_part *part);
/* Before a call goes backward, with dx and begun those of the adjoints or of their tangents: it may
 * add to the adjoints of its inputs (returned: bits of those it is to write instead), and those of
 * outputs that nobody read are 0. */
struct lethe_adjoints {
    void **dx;
    unsigned char *begun;
};
unsigned lethe_exec_begin(const struct lethe_exec *exec, const struct lethe_adjoints *adjoints,
                          const struct lethe_plan *plan, const struct lethe_op_call *call);
/* Calls for each part when those nodes run. */
size_t lethe_exec_count(const struct lethe_exec *exec, const unsigned char *nodes);
/* Adds what one site of a layer holds in `from` to out(n, units), summed over positions. */
void lethe_exec_add_site(double *out, const struct lethe_exec *exec,
                         const struct lethe_layer_info *layer, const struct lethe_site *site,
                         const void *from, size_t n);
/* What moves along by * v (parameters), in the executor's type. */
enum lethe_err lethe_exec_direction(struct lethe_exec *exec, const double *v, double by,
                                    struct lethe_error *err);
/* Whether forward passes take notes, as tapes do: for many derivatives of one batch. Forgets the
 * batch. */
void lethe_exec_note(struct lethe_exec *exec, int noted);
/* Directions will move only these parameters (by parameter; NULL: all of them): what no other
 * reaches is left out of tangents and of gradients, which are then those parameters' own, and out
 * of what tapes keep. Tapes that were made before can no longer be used, the executor's own batch
 * can.
 */
enum lethe_err lethe_exec_support(struct lethe_exec *exec, const unsigned char *params,
                                  struct lethe_error *err);
/* Forgets the last batch and divides a new one. */
enum lethe_err lethe_exec_start(struct lethe_exec *exec, size_t n, struct lethe_error *err);
enum lethe_err lethe_exec_after_forward(const struct lethe_exec *exec, struct lethe_error *err);

/* Workers 0 .. threads - 1 and their pool in place of those there were. */
enum lethe_err lethe_exec_hire(struct lethe_exec *exec, unsigned threads, struct lethe_error *err);
void lethe_exec_dismiss(struct lethe_exec *exec);
/* The form's tables are no longer valid. */
void lethe_exec_unbind(struct lethe_exec *exec, const struct lethe_batch_form *form);
/* Divides n samples into parts. */
enum lethe_err lethe_exec_divide(struct lethe_exec *exec, size_t n, struct lethe_error *err);
/* Memory for what the parts keep: their values, or the adjoints of captures. */
enum lethe_err lethe_exec_keep(struct lethe_exec *exec, int adjoints, struct lethe_error *err);
/* Another choice of the derivatives that captures keep; takes the layout, forgets the batch. */
void lethe_exec_recapture(struct lethe_exec *exec, struct lethe_memory_layout *layout);
/* Where a tape keeps what derivatives along moved values (NULL: all) read; takes the layout. */
enum lethe_err lethe_exec_lay_tape(struct lethe_memory_layout *layout,
                                   const struct lethe_exec *exec, const unsigned char *moved,
                                   struct lethe_error *err);
void lethe_exec_retape(struct lethe_exec *exec, struct lethe_memory_layout *layout);
/* Makes workers ready to run the parts: scratch and loose memory, oneDNN's filters. */
enum lethe_err lethe_exec_equip(struct lethe_exec *exec, int backward, int gradient,
                                struct lethe_error *err);
/* And for second derivatives. */
enum lethe_err lethe_exec_equip_curved(struct lethe_exec *exec, struct lethe_error *err);

#endif
