/* SPDX-License-Identifier: MIT
 * The view model the screen is tested with. */
#include <math.h>

#include "tests/support/screen_fixture.h"

enum { SAMPLES = 40, CURVE = 33, LOSSES = 200, SIZES = 12, DAMPINGS = 22, SIDE = 8 };

static double scores[3][32];
static unsigned char chosen[3][32];
static double dampings[DAMPINGS], surface[SIZES * DAMPINGS];
static size_t sizes[SIZES];
static double roc_x[CURVE], roc_y[2][CURVE], losses[3][LOSSES], pixels[SIDE * SIDE];
static struct lethe_view_sample samples[SAMPLES];
static size_t order[SAMPLES];

static const struct lethe_view_layer layers[] = {{"fc1", 32, scores[0], chosen[0]},
                                                 {"fc2", 16, scores[1], chosen[1]},
                                                 {"fc3", 10, scores[2], chosen[2]}};
static const struct lethe_view_unit blanket[] = {
    {"fc3[1]", 0.667, 0.667, 17, 0, 5, 5, 0, NAN, 0, 0},
    {"fc3[9]", 0.609, 0.870, 17, 0, 5, 5, 0, NAN, 0, 0},
    {"fc1[7]", 0.161, 0.891, 65, 0, 4, 5, 0, NAN, 0, 0},
    {"fc2[12]", 0.083, 0.900, 33, 0, 2, 5, 0, NAN, 0, 0},
    {"fc1[30]", 0.041, 0.904, 65, 1, 1, 5, 0, NAN, 0, 0},
    {"fc3[4]", 0.022, 0.906, 17, 1, 0, 5, 0, NAN, 0, 0},
    {"fc2[3]", -0.004, 0.906, 33, 1, 0, 5, 0, NAN, 0, 0},
};
static const struct lethe_view_figure figures[] = {
    {"forget accuracy", 1, 0, 0, 0, NAN, LETHE_FIGURE_PERCENT, 0, 0, NULL},
    {"forget loss", 0.131, 5.18, 6.55, 0.22, -6.2, LETHE_FIGURE_LOSS, 0, 1, NULL},
    {"retain accuracy", 0.9986, 0.9979, NAN, NAN, NAN, LETHE_FIGURE_PERCENT, 1, 0, NULL},
    {"retain loss", 0.0213, 0.0214, 0.0212, 0.0003, 0.7, LETHE_FIGURE_LOSS, 0, 0, NULL},
    {"held-out accuracy", 0.9056, 0.9083, 0.909, 0.003, -0.2, LETHE_FIGURE_PERCENT, 0, 0, NULL},
    {"held-out loss", 0.412, 0.409, 0.408, 0.006, 0.2, LETHE_FIGURE_LOSS, 0, 0, NULL},
    {"attack AUC", 0.247, 0.003, 0.002, NAN, NAN, LETHE_FIGURE_FRACTION, 0, 0, NULL},
    {"KL forget", 2.133, 0.0034, 0.0048, NAN, NAN, LETHE_FIGURE_LOSS, 0, 0, NULL},
    {"KL held-out", 0.0112, 0.00021, 0.0048, NAN, NAN, LETHE_FIGURE_LOSS, 0, 0, NULL},
    {"recovery", 0, 0.994, 1, NAN, NAN, LETHE_FIGURE_FRACTION, 0, 0, NULL},
};
static const char *const notes[] = {"form residual: training finished within 4 % of the step"};
static const struct lethe_view_commit commits[] = {
    {"9f31c2aa", "before lunch", "#17", "held-out 90.56  KL .003", "main", 0, 0, 0, 1, 0},
    {"41b07e5d", "two labels at once", "50 samples", "held-out 89.44  KL .018", "trial", 1, 1, 0, 0,
     1},
    {"0c77aa10", "first try", "#3 #9 #12", "held-out 90.28  KL .041", NULL, 0, 0, 2, 0, 0},
};
static const struct lethe_view_job jobs[] = {
    {1, "retrain warm", "done", "", 1, 2.41, NAN},
    {2, "retrain cold", "running", "model 3 of 5", 0.47, 75, 84.6},
    {3, "surface", "waiting", "after job 2", NAN, 0, NAN},
};
static const struct lethe_series roc[] = {
    {"now", roc_x, roc_y[0], CURVE, LETHE_INK_FORGET, 0, 0},
    {"retrain", roc_x, roc_y[1], CURVE, LETHE_INK_RETRAIN, 0, 0}};
static const struct lethe_series loss[] = {
    {"forget", NULL, losses[0], LOSSES, LETHE_INK_FORGET, 0, 0},
    {"held-out", NULL, losses[1], LOSSES, LETHE_INK_HELDOUT, 0, 0},
    {"retain", NULL, losses[2], LOSSES, LETHE_INK_RETAIN, 0, 0}};
static const struct lethe_view_plot plots[] = {
    {.kind = "roc",
     .title = "ROC of the attack",
     .series = roc,
     .count = 2,
     .axes = {0, 1, 0, 1, 0, 0, 1, "false positives", NULL},
     .pictured = 1},
    {.kind = "loss",
     .title = "loss by group",
     .series = loss,
     .count = 3,
     .axes = {0, 0, 0, 0, 1, 0, 0, "loss (nats, log scale)", NULL},
     .pictured = 1,
     .histogram = 1},
};

/* A number in [0, 1) without a pattern the eye would take for structure. */
static double noise(int k)
{
    double value = sin(k * 12.9898 + 4.1) * 43758.5453;
    return value - floor(value);
}

static void fill_arrays(void)
{
    static const size_t units[] = {32, 16, 10};
    for (int layer = 0; layer < 3; layer++)
        for (int u = 0; u < (int)units[layer]; u++)
            scores[layer][u] = 0.25 * noise(100 * layer + u) * noise(7 * u + layer);
    scores[0][5] = NAN;
    scores[0][7] = 0.31;
    scores[2][1] = 0.667;
    scores[2][9] = 0.58;
    chosen[2][1] = chosen[2][9] = 1;
    for (int k = 1; k < DAMPINGS; k++)
        dampings[k] = (k % 2 ? 1 : 3) * pow(10, (k - 1) / 2 - 8);
    for (int row = 0; row < SIZES; row++) {
        sizes[row] = (size_t)row;
        for (int col = 0; col < DAMPINGS; col++)
            surface[row * DAMPINGS + col] = 2.1 / (1 + row) + fabs(col - 9.0) * 0.05;
    }
    surface[SIZES * DAMPINGS - 1] = NAN;
    for (int k = 0; k < CURVE; k++) {
        roc_x[k] = k / (CURVE - 1.0);
        roc_y[0][k] = pow(roc_x[k], 0.4);
        roc_y[1][k] = pow(roc_x[k], 0.9);
    }
    for (int k = 0; k < LOSSES; k++) {
        losses[0][k] = 4 + 3 * noise(k);
        losses[1][k] = -log(1 - 0.99 * noise(k + 1000));
        losses[2][k] = 0.3 * noise(k + 2000) * noise(k + 3000);
    }
    for (int k = 0; k < SIDE * SIDE; k++)
        pixels[k] = fmax(0, 1 - fabs(hypot(k / SIDE - 3.5, k % SIDE - 3.5) - 2.5));
    for (int k = 0; k < SAMPLES; k++) {
        order[k] = (size_t)k;
        samples[k] = (struct lethe_view_sample){(size_t)k,
                                                k % 10,
                                                k % 10,
                                                noise(k) * noise(k + 9),
                                                noise(k) * noise(k + 9),
                                                NAN,
                                                k < 20 ? noise(k + 5) : NAN,
                                                k % 10,
                                                k % 10,
                                                0,
                                                NULL,
                                                NULL};
    }
    samples[17] =
        (struct lethe_view_sample){17, 1, 9, 0.131, 5.18, 6.55, 0.61, 1, 9, 1, "bird", "ship"};
}

/* Two classes on a disc and around it; the border moves inwards from before to retrained. */
static struct lethe_view_plane plane_fixture(void)
{
    enum { ROWS = 16, COLS = 24, CORNERS = 49 };
    static int top[ROWS * COLS], labels[SAMPLES];
    static double sure[ROWS * COLS], at[2 * SAMPLES], lines[3][2 * CORNERS];
    static unsigned char marks[SAMPLES];
    static const char *const names[] = {"inner", "outer"};
    const double full = 8 * atan(1);
    for (int k = 0; k < ROWS * COLS; k++) {
        const double far =
            hypot(-1.5 + 3.0 * (k % COLS) / (COLS - 1), -1.5 + 3.0 * (k / COLS) / (ROWS - 1));
        top[k] = far > 0.9;
        sure[k] = 1 / (1 + exp(-9 * fabs(far - 0.9)));
    }
    for (int line = 0; line < 3; line++)
        for (int k = 0; k < CORNERS; k++) {
            lines[line][2 * k] = (1.1 - 0.2 * line) * cos(full * k / (CORNERS - 1));
            lines[line][2 * k + 1] = (1.1 - 0.2 * line) * sin(full * k / (CORNERS - 1));
        }
    for (int k = 0; k < SAMPLES; k++) {
        labels[k] = k % 2;
        marks[k] = k == 17 ? LETHE_MARK_FORGET : k == 30 ? LETHE_MARK_GONE : LETHE_MARK_SAMPLE;
        const double far = labels[k] ? 1.2 : 0.2 + 0.5 * noise(k);
        at[2 * k] = far * cos(full * noise(k + 77));
        at[2 * k + 1] = far * sin(full * noise(k + 77));
    }
    return (struct lethe_view_plane){.chart = {.low = {-1.5, -1.5},
                                               .high = {1.5, 1.5},
                                               .top = top,
                                               .sure = sure,
                                               .rows = ROWS,
                                               .cols = COLS,
                                               .classes = 2,
                                               .before = {lines[0], CORNERS},
                                               .now = {lines[1], CORNERS},
                                               .retrained = {lines[2], CORNERS},
                                               .at = at,
                                               .label = labels,
                                               .mark = marks,
                                               .count = SAMPLES},
                                     .class_names = names,
                                     .cut = 1,
                                     .share = 0.286};
}

/* ---- three models beside each other ----------------------------------------------------------
 */

enum { CLASSES = 10, POINTS = 300 };
static const char *const class_names[CLASSES] = {"zero", "one", "two",   "three", "four",
                                                 "five", "six", "seven", "eight", "nine"};
static double class_figures[3][3 * CLASSES], matrix[3][CLASSES * CLASSES], places[3][2 * POINTS],
    probabilities[3][CLASSES];
static size_t class_order[CLASSES], class_samples[CLASSES], point_ids[POINTS];
static int point_labels[POINTS];
static unsigned char point_marks[POINTS];

static void fill_classes(struct lethe_view *view)
{
    for (int c = 0; c < CLASSES; c++) {
        class_order[c] = (size_t)(c + 7) % CLASSES;
        class_samples[c] = 36 - (size_t)c;
        for (int m = 0; m < 3; m++) {
            class_figures[m][3 * c] = 0.97 - 0.01 * c - (c == 7 ? 0.3 * m : 0);
            class_figures[m][3 * c + 1] = 0.1 + 0.03 * c + (c == 7 ? 1.4 * m : 0.001 * m);
            class_figures[m][3 * c + 2] = c == 7 ? 0.6 - 0.1 * m : NAN;
            for (int other = 0; other < CLASSES; other++)
                matrix[m][CLASSES * c + other] = c == other ? 30 - (c == 7 ? 9 * m : 0)
                                                 : (c + other) % 8 == m * 3 ? 3
                                                                            : 0;
            probabilities[m][c] = c == 1 ? (m ? 0.004 : 0.877) : c == 9 ? (m ? 0.95 : 0.1) : 0.003;
        }
    }
    view->by_class =
        (struct lethe_view_classes){CLASSES,
                                    class_order,
                                    class_samples,
                                    {class_figures[0], class_figures[1], class_figures[2]},
                                    class_names,
                                    "held-out",
                                    0};
    view->confusion = (struct lethe_view_confusion){
        CLASSES, {matrix[0], matrix[1], matrix[2]}, class_names, "held-out", 0};
}

/* Ten crowds on a ring; three samples wander inwards from before to retrained. */
static void fill_embedding(struct lethe_view *view)
{
    const double full = 8 * atan(1);
    for (int k = 0; k < POINTS; k++) {
        point_ids[k] = (size_t)(k < 3 ? 17 + k : 100 + k);
        point_labels[k] = k % CLASSES;
        point_marks[k] = k < 3         ? LETHE_SCATTER_FORGET
                         : k < 2 * 100 ? LETHE_SCATTER_RETAIN
                                       : LETHE_SCATTER_HELDOUT;
        for (int m = 0; m < 3; m++) {
            const double angle = full * (k % CLASSES) / CLASSES, far = k < 3 ? 3 - 1.2 * m : 3;
            places[m][2 * k] = far * cos(angle) + 0.6 * (noise(k + 41) - 0.5);
            places[m][2 * k + 1] = far * sin(angle) + 0.6 * (noise(k + 97) - 0.5);
        }
    }
    view->embedding = (struct lethe_view_embedding){POINTS,      {places[0], places[1], places[2]},
                                                    point_ids,   point_labels,
                                                    point_marks, {-3.5, -3.5},
                                                    {3.5, 3.5},  {0.412, 0.187},
                                                    0,           class_names,
                                                    CLASSES,     0};
}

static void fill_table(struct lethe_view *view)
{
    static const struct lethe_view_table_row rows[] = {
        {.name = "(nothing done)",
         .seconds = NAN,
         .figure = {1.95, 0.025, 1, 0.859, 0.216, 0.999, 0.263, 0, 0.31, NAN}},
        {.name = "newton",
         .word = "newton",
         .line = "method newton",
         .set = 1,
         .seconds = 5.2,
         .figure = {0.219, 0.023, 0, 0.891, 0.032, 0.998, 0.192, 0.81, 0.02, 7.1}},
        {.name = "badteacher",
         .word = "badteacher",
         .line = "method badteacher epochs=2,rate=0.003",
         .seconds = 0.1,
         .figure = {0.245, 0.236, 0.05, 0.919, 0.035, 0.908, 0.21, 0.74, 0.05, 8}},
        {.name = "relabel-nearest",
         .word = "relabel-nearest",
         .line = "method relabel-nearest bound=0.2",
         .seconds = 0.04,
         .figure = {0.562, 0.302, 0, 0.799, 0.089, 0.877, 0.53, 0.4, 0.11, 24}},
        {.name = "ssd",
         .word = "ssd",
         .line = "method ssd alpha=10",
         .seconds = NAN,
         .note = "ssd could not be made: it ran away, or is not for this network",
         .figure = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN}},
        {.name = "(retrained, mean)",
         .seconds = 39,
         .figure = {0.11, 0.03, 0, 0.858, 0.007, 0.999, 0.283, 0.9, 0, NAN}},
        {.name = "(retrained, sd)",
         .seconds = NAN,
         .figure = {0.02, 0.004, 0, 0.011, 0.0035, 0, 0.03, 0.04, 0.01, NAN}}};
    view->table = (struct lethe_view_table){
        .count = sizeof rows / sizeof *rows, .rows = rows, .retrains = 5, .tuned = 1};
}

static void fill_views(struct lethe_view *view)
{
    static const char *const layer_names[] = {"fc1", "fc2", "fc3"};
    static const double cka[] = {0.999, 0.981, 0.74}, share[] = {0.02, 0.18, 0.8};
    static const size_t likeliest[] = {9, 1, 0, 2, 3, 4, 5, 6, 7, 8};
    static const char *const names[] = {"nine", "one",  "zero", "two",   "three",
                                        "four", "five", "six",  "seven", "eight"};
    fill_classes(view);
    fill_embedding(view);
    fill_table(view);
    view->cka = (struct lethe_view_cka){3, layer_names, cka, share, "before", "now", 0};
    view->picture.probabilities = (struct lethe_view_probabilities){
        {probabilities[0], probabilities[1], probabilities[2]}, CLASSES, likeliest, names, 1};
}

static const struct lethe_view_entry methods[] = {
    {"*", "newton", "set: one Newton step on the blanket", NULL},
    {"", "finetune", "train on with the retained samples, so that the others fade", NULL},
    {"", "scrub", "leave the trained network on U, stay with it on R", NULL},
};

void screen_fixture_method(struct lethe_view *view, int masked)
{
    static const double alphas[] = {1e-4, 5e-4, 1e-3, 1e-2, 1e-1, 1}, epochs[] = {1, 10, 20, 30},
                        rates[] = {1e-5, 1e-4, 5e-4, 1e-3};
    static const struct lethe_view_param params[] = {
        {"alpha", "weight of the KL to the teacher on R", 1e-3, 1e-3, alphas, 6},
        {"epochs", "passes over the samples", 10, 10, epochs, 4},
        {"rate", "learning rate", 5e-4, 1e-4, rates, 4}};
    view->unlearning = "scrub";
    view->method_params = params;
    view->method_param_count = sizeof params / sizeof *params;
    view->masked = masked;
}

const struct lethe_view *screen_fixture(void)
{
    static struct lethe_view view;
    fill_arrays();
    view = (struct lethe_view){
        .model = "digits-mlp",
        .branch = "main",
        .forget = "#17 (label 1)",
        .curvature = "ggn",
        .form = "residual",
        .method = "lfoci",
        .train = 1437,
        .heldout = 360,
        .classes = 10,
        .forgetting = 1,
        .uncommitted = 1,
        .layers = layers,
        .layer_count = 3,
        .null_band = 0.081,
        .stability = "5/5",
        .blanket = blanket,
        .blanket_count = 7,
        .blanket_size = 2,
        .blanket_units = 58,
        .blanket_params = 34,
        .params = 2778,
        .methods = methods,
        .method_count = sizeof methods / sizeof *methods,
        .score_name = "T",
        .deciding = 1,
        .damping = 1e-3,
        .degrees = 31.2,
        .dampings = dampings,
        .damping_count = DAMPINGS,
        .figures = figures,
        .figure_count = sizeof figures / sizeof figures[0],
        .half = "tune half",
        .verdict = "627 times nearer to retraining than before; c keeps it",
        .notes = notes,
        .note_count = 1,
        .previewed = 1,
        .surface = {sizes,
                    dampings,
                    surface,
                    SIZES,
                    DAMPINGS,
                    {{"tenth", 3e-4}, {"corner", 1e-6}},
                    2,
                    "KL to retrain, forget"},
        .samples = samples,
        .sample_count = SAMPLES,
        .commits = commits,
        .commit_count = 3,
        .jobs = jobs,
        .job_count = 3,
        .plots = plots,
        .plot_count = 2,
        .picture = {"#17  label 1  was 9",
                    {"predicted 1 → 9", "loss .131 → 5.180", "retrained: loss 6.550",
                     "leverage .610", "✗ to be forgotten", NULL},
                    {pixels, SIDE, SIDE, 1},
                    NULL},
    };
    view.plane = plane_fixture();
    fill_views(&view);
    return &view;
}

const struct lethe_view *screen_fixture_empty(void)
{
    static const struct lethe_view view = {.null_band = NAN, .degrees = NAN};
    return &view;
}

struct lethe_screen screen_fixture_screen(void)
{
    static const struct lethe_view_entry keys[] = {
        {"Tab", "pane", NULL, NULL},      {"←→", "slider", NULL, NULL},
        {"Enter", "preview", NULL, NULL}, {"c", "commit", NULL, NULL},
        {"u", "undo", NULL, "no commit"}, {"r", "retrain", NULL, NULL},
        {":", "command", NULL, NULL},     {"?", "help", NULL, NULL},
        {"q", "quit", NULL, NULL},
    };
    struct lethe_screen screen = {.focus = LETHE_PANE_BLANKET,
                                  .pointed = LETHE_PANES,
                                  .filter = "",
                                  .order = order,
                                  .order_count = SAMPLES,
                                  .keys = keys,
                                  .key_count = sizeof keys / sizeof keys[0],
                                  .message = "preview: 34 parameters moved, 0.8 ms"};
    for (int k = 0; k < LETHE_PANES - LETHE_PANE_PLOT; k++)
        screen.dock[k] = (enum lethe_pane)(LETHE_PANE_PLOT + k);
    return screen;
}
