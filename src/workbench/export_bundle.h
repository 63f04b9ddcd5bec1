/* SPDX-License-Identifier: MIT
 * The project as a bundle of its own: model, samples and recipe in one folder that can be handed
 * on. */
#ifndef LETHE_WORKBENCH_EXPORT_BUNDLE_H
#define LETHE_WORKBENCH_EXPORT_BUNDLE_H

#include "workbench/project.h"

/* Writes folder/model.onnx (the weights at the head, float64), train.csv and heldout.csv (one row
 * a sample as the network sees it, the label last) and bundle.json, last. recipe says how the model
 * was trained. Samples that a generator appended are made again from the record, so they are left
 * out. Samples forgotten up to the head are left out too, those after them move up, and the samples
 * stand as a generator left them. A bundle that was there is replaced as a whole. LETHE_EARG
 * without data, or with samples of more than 256 values; LETHE_EIO. */
enum lethe_err lethe_export_bundle(const struct lethe_project *project, const char *folder,
                                   const struct lethe_recipe *recipe, struct lethe_error *err);

#endif
