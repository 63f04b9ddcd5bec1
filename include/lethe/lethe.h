/* SPDX-License-Identifier: MIT
 * liblethe: machine unlearning on trained networks. This header includes all the others; each says
 * what its functions take and give: shapes (rows first), units, errors, ownership and sources.
 *
 * Used throughout: pointers that a function returns through its first arguments belong to the
 * caller; what they are given back with stands in their comment (_release for the caller's structs,
 * _free or _unref for those on the heap, lethe_free for plain memory). Arguments that are read are
 * borrowed for the time of the call. A function that can fail returns an enum lethe_err, LETHE_OK
 * being 0, and fills outputs only on success; err (NULL ok) gets a message for people. The library
 * prints nothing, ends no process and does not read the environment. */
#ifndef LETHE_LETHE_H
#define LETHE_LETHE_H

#define LETHE_VERSION "0.1"

#include "lethe/alloc.h"
#include "lethe/array.h"
#include "lethe/audit.h"
#include "lethe/blanket.h"
#include "lethe/bundle.h"
#include "lethe/cancel.h"
#include "lethe/certificate.h"
#include "lethe/codec.h"
#include "lethe/curvature.h"
#include "lethe/dataset.h"
#include "lethe/ekfac.h"
#include "lethe/equivalence.h"
#include "lethe/error.h"
#include "lethe/eval.h"
#include "lethe/figures.h"
#include "lethe/generate.h"
#include "lethe/job.h"
#include "lethe/knn.h"
#include "lethe/leverage.h"
#include "lethe/linearised.h"
#include "lethe/load.h"
#include "lethe/methods.h"
#include "lethe/near.h"
#include "lethe/nn.h"
#include "lethe/onnx.h"
#include "lethe/pcg.h"
#include "lethe/perturb.h"
#include "lethe/plot.h"
#include "lethe/problem.h"
#include "lethe/product.h"
#include "lethe/projection.h"
#include "lethe/report.h"
#include "lethe/retrain.h"
#include "lethe/rng.h"
#include "lethe/select.h"
#include "lethe/session.h"
#include "lethe/shared.h"
#include "lethe/train.h"
#include "lethe/update.h"

#endif
