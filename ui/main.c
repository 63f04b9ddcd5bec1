/* SPDX-License-Identifier: MIT
 * Entry point: reads the command line and the environment once and passes them on. */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/file.h"
#include "base/ranks.h"
#include "cmd/registry.h"
#include "data/data_folder.h"
#include "lethe/lethe.h"
#include "study/mpi_pool.h"
#include "tensor/blas.h"
#include "tensor/blas_buffers.h"
#include "ui/options.h"
#include "ui/busy_line.h"
#include "ui/skin.h"
#include "ui/terminal_recorder.h"
#include "workbench/execute.h"

static const char version[] =
    "lethe " LETHE_VERSION "\n"
    "Workbench for machine unlearning (L-CODEC, L-FOCI).\n"
#if LETHE_READLINE
    "Source under the MIT licence; this program is linked with GNU Readline and is therefore\n"
    "distributed under the GNU General Public License, version 3 or later.\n";
#else
    "MIT licence; built without GNU Readline.\n";
#endif

enum {
    JSON = 256,
    SEED,
    THREADS,
    SESSION,
    PLAIN,
    NO_COLOR,
    NO_RC,
    KEEP,
    TUI,
    PRESENT,
    COMPLETION,
    VERSION,
    HELP,
    MAN
};

static const struct option long_options[] = {
    {"json", no_argument, NULL, JSON},
    {"seed", required_argument, NULL, SEED},
    {"threads", required_argument, NULL, THREADS},
    {"session", required_argument, NULL, SESSION},
    {"plain", no_argument, NULL, PLAIN},
    {"no-color", no_argument, NULL, NO_COLOR},
    {"no-rc", no_argument, NULL, NO_RC},
    {"keep-going", no_argument, NULL, KEEP},
    {"tui", no_argument, NULL, TUI},
    {"present", no_argument, NULL, PRESENT},
    {"completion", required_argument, NULL, COMPLETION},
    {"version", no_argument, NULL, VERSION},
    {"help", no_argument, NULL, HELP},
    {"man", no_argument, NULL, MAN},
    {NULL, 0, NULL, 0},
};

static int wrong_usage(const char *message, const char *word)
{
    lethe_complain("lethe: %s '%s'; 'lethe --help' lists the options", message, word);
    return lethe_err_exit(LETHE_EUSAGE);
}

/* Puts a page on standard output and gives it back. */
static int print(struct lethe_text *page)
{
    int failed = page->failed || fputs(lethe_text_get(page), stdout) == EOF;
    lethe_text_release(page);
    return failed ? lethe_err_exit(LETHE_EIO) : 0;
}

static int print_usage(void)
{
    struct lethe_text page = {0};
    lethe_usage(&page);
    return print(&page);
}

static int print_manual(void)
{
    struct lethe_text page = {0};
    lethe_manual(&page, &lethe_command_registry);
    return print(&page);
}

static int print_completion(const char *shell)
{
    struct lethe_text page = {0};
    if (!lethe_shell_completion(&page, shell, &lethe_command_registry))
        return wrong_usage("--completion takes bash or zsh, not", shell);
    return print(&page);
}

/* Returns 0 to go on; otherwise the program ends with *status. */
static int take_option(struct lethe_options *options, int option, int *status)
{
    switch (option) {
    case 'c':
        options->commands = optarg;
        break;
    case 'f':
        options->file = optarg;
        break;
    case 'i':
        options->interactive = 1;
        break;
    case JSON:
        options->json = 1;
        break;
    case SEED:
        options->seed = optarg;
        break;
    case THREADS:
        options->threads = optarg;
        break;
    case SESSION:
        options->session = optarg;
        break;
    case PLAIN:
        options->plain = 1;
        break;
    case NO_COLOR:
        options->no_color = 1;
        break;
    case NO_RC:
        options->no_rc = 1;
        break;
    case KEEP:
        options->keep_going = 1;
        break;
    case TUI:
        options->tui = 1;
        break;
    case PRESENT:
        options->tui = options->present = 1;
        break;
    case VERSION:
        fputs(version, stdout);
        return *status = 0, 1;
    case HELP:
        return *status = print_usage(), 1;
    case MAN:
        return *status = print_manual(), 1;
    case COMPLETION:
        return *status = print_completion(optarg), 1;
    default:
        break;
    }
    return 0;
}

/* In words of our own, for the library's show what was typed as it is. ':' nothing follows it. */
static int wrong_option(int option, char **argv)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const int is_letter = optopt > ' ' && optopt < 127;
    const char *word = is_letter ? letter : argv[optind - 1];
    if (option == ':')
        return wrong_usage("something must follow", word);
    return wrong_usage(
        is_letter || !optopt ? "no such option, or no single one:" : "nothing may follow", word);
}

/* `lethe lesson 1`, unless something of the name is there to be loaded. */
static int is_lesson(const struct lethe_options *options, const char *word)
{
    return !options->path && !options->lesson && strcmp(word, "lesson") == 0 &&
           !lethe_file_exists(word) && !lethe_folder_exists(word);
}

static int take_options(struct lethe_options *options, int argc, char **argv, int *status)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":c:f:i", long_options, NULL)) != -1)
        if (option == '?' || option == ':')
            return *status = wrong_option(option, argv), 1;
        else if (take_option(options, option, status))
            return 1;
    for (; optind < argc; optind++) {
        if (strcmp(argv[optind], "-") == 0 && !options->file)
            options->file = "-";
        else if (is_lesson(options, argv[optind]))
            options->lesson = argv[optind + 1] ? argv[++optind] : "";
        else if (!options->path && strcmp(argv[optind], "-") != 0)
            options->path = argv[optind];
        else
            return *status = wrong_usage("one model at a time: unexpected", argv[optind]), 1;
    }
    if (options->commands && options->file)
        return *status = wrong_usage("-c and -f exclude each other:", options->file), 1;
    return 0;
}

/* $variable/lethe, or $HOME/fallback/lethe. */
static char *xdg_folder(const char *variable, const char *fallback)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    struct lethe_text path = {0};
    if (base && base[0] == '/')
        lethe_text_addf(&path, "%s/lethe", base);
    else if (home && home[0])
        lethe_text_addf(&path, "%s/%s/lethe", home, fallback);
    return path.at;
}

static void read_environment(struct lethe_options *options)
{
    const char *no_color = getenv("NO_COLOR"), *columns = getenv("COLUMNS");
    struct winsize size;
    options->no_color |= no_color && no_color[0];
    lethe_data_folder_set(getenv("LETHE_DATA"));
    options->term = getenv("TERM");
    options->columns = columns ? strtoul(columns, NULL, 10) : 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        options->columns = size.ws_col;
    options->config_folder = xdg_folder("XDG_CONFIG_HOME", ".config");
    options->state_folder = xdg_folder("XDG_STATE_HOME", ".local/state");
    options->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* A command that main itself gives: only its notes and errors are shown. 0 or an exit status. */
static int give(struct lethe_workbench *wb, struct lethe_options *options, const char *verb,
                const char *word)
{
    struct lethe_text notes = {0};
    struct lethe_printer printer;
    struct lethe_text command = {0};
    lethe_printer_init(&printer, options);
    printer.source = "lethe";
    printer.notes = &notes;
    lethe_text_addf(&command, "%s \"", verb);
    for (const char *c = word; *c; c++)
        lethe_text_addf(&command, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    lethe_text_add(&command, "\"");
    enum lethe_err code = lethe_printer_execute(&printer, wb, lethe_text_get(&command), 0);
    lethe_text_release(&command);
    if (notes.length) {
        lethe_free(options->opening);
        options->opening = notes.at; /* the last word counts: that is the load */
    } else {
        lethe_text_release(&notes);
    }
    return lethe_err_exit(code);
}

/* A person's sessions are kept without being asked to; scripts begin anew each time. */
static int keep_sessions(struct lethe_workbench *wb, const struct lethe_options *options)
{
    int scripted = options->commands || options->file;
    if (options->session)
        wb->session_dir = lethe_strdup(options->session);
    else if (!scripted && options->state_folder && isatty(STDIN_FILENO))
        wb->session_home = lethe_path_join(options->state_folder, "sessions");
    return options->session && !wb->session_dir ? lethe_err_exit(LETHE_ENOMEM) : 0;
}

/* The folder with the lessons and the models they use: here, above the program, or where
 * it was installed. */
static char *find_root(void)
{
    static const char *const places[] = {"..", "../..", "../share/lethe"};
    char self[4096];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (lethe_folder_exists("sessions/lessons") || length <= 0)
        return lethe_strdup(".");
    self[length] = '\0';
    char *folder = lethe_path_folder(self), *root = NULL;
    for (size_t k = 0; folder && !root && k < sizeof places / sizeof *places; k++) {
        root = lethe_path_join(folder, places[k]);
        char *lessons = root ? lethe_path_join(root, "sessions/lessons") : NULL;
        if (!lessons || !lethe_folder_exists(lessons)) {
            lethe_free(root);
            root = NULL;
        }
        lethe_free(lessons);
    }
    lethe_free(folder);
    return root;
}

static int prepare(struct lethe_workbench *wb, struct lethe_options *options)
{
    int status = keep_sessions(wb, options);
    wb->root = find_root();
    wb->staging.on = options->present;
    if (options->state_folder)
        wb->lesson_progress = lethe_path_join(options->state_folder, "lessons.json");
    char *rc = options->config_folder ? lethe_path_join(options->config_folder, "rc") : NULL;
    if (!status && !options->no_rc && rc && lethe_file_exists(rc))
        status = give(wb, options, "source", rc);
    lethe_free(rc);
    if (!status && options->seed && (status = give(wb, options, "set seed", options->seed)))
        status = lethe_err_exit(LETHE_EUSAGE);
    if (!status && options->path)
        status = give(wb, options, "load", options->path);
    else if (!status && options->session && lethe_session_exists(options->session))
        status = give(wb, options, "open", options->session);
    /* a session that goes on brings its seed along; the one of the command line counts */
    if (!status && options->seed && strcmp(wb->settings.text[LETHE_SET_SEED], options->seed) != 0)
        status = give(wb, options, "set seed", options->seed);
    return status;
}

/* The list of lessons, or one where there is no terminal for it. */
static int take_lesson(struct lethe_workbench *wb, const struct lethe_options *options)
{
    struct lethe_text line = {0};
    lethe_text_addf(&line, "lesson %s", options->lesson);
    const int status = lethe_batch_text(wb, options, lethe_text_get(&line), "lethe");
    lethe_text_release(&line);
    return status;
}

static int run(struct lethe_workbench *wb, struct lethe_options *options)
{
    int terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    int status = prepare(wb, options);
    if (status)
        return status;
    int scripted = options->commands || options->file;
    if (options->lesson && !scripted && !(terminal && *options->lesson))
        return take_lesson(wb, options);
    options->tui |= options->lesson && terminal;
    if (options->commands)
        status = lethe_batch_text(wb, options, options->commands, "-c");
    else if (options->file)
        status = lethe_batch_file(wb, options, options->file);
    else if (!terminal && !options->tui && !options->interactive)
        return lethe_batch_file(wb, options, "-");
    if (scripted && (!(options->interactive || options->tui) || wb->quit))
        return status;
    if (options->tui && (status = lethe_screen(wb, options)) != -1)
        return status;
    return terminal || !options->tui ? lethe_repl(wb, options) : lethe_err_exit(LETHE_EUSAGE);
}

/* Did mpirun (or a batch system) start this process? */
static int among_ranks(void)
{
    static const char *const signs[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (getenv(signs[i]))
            return 1;
    return 0;
}

static int run_workbench(struct lethe_options *options)
{
    struct lethe_workbench *wb = NULL;
    struct lethe_terminal_recorder recorder;
    struct lethe_error err = {0};
    int status = 0;
    char *end = NULL;
    unsigned long threads = options->threads ? strtoul(options->threads, &end, 10) : 0;
    if (options->threads && (end == options->threads || *end || !threads || threads > 1024)) {
        status =
            wrong_usage("--threads takes a whole number from 1 to 1024, not", options->threads);
    } else if (lethe_workbench_new(&wb, &err)) {
        lethe_complain("lethe: %s", err.message);
        status = lethe_err_exit(err.code);
    } else {
        wb->threads = (unsigned)threads;
        wb->commands = &lethe_command_registry;
        lethe_recorder_init(&recorder, options);
        options->recorder = &recorder;
        wb->recorder = &recorder.recorder;
        status = run(wb, options);
        lethe_recorder_end(&recorder);
        options->recorder = NULL;
    }
    lethe_workbench_free(wb);
    lethe_busy_line_stop();
    return status;
}

/* Under a limit on memory the linear algebra library must not start threads of its own, which ask
 * for their buffers for ever. It reads the environment before main begins, so that the program
 * begins once more with the word in it. */
static void begin_without_threads(char **argv)
{
    static const char variable[] = "OPENBLAS_NUM_THREADS";
    struct rlimit limit;
    const char *set = getenv(variable);
    if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY ||
        (set && !strcmp(set, "1")) || setenv(variable, "1", 1))
        return;
    execv("/proc/self/exe", argv);
}

/* A buffer for every thread that may compute at once. The process ends at once when there is none:
 * a thread of the library may be asking for its own. */
static void reserve_memory(void)
{
    struct lethe_error err = {0};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (lethe_blas_reserve(cores > 0 ? 2 * (unsigned)cores + 2 : 4, &err) == LETHE_OK)
        return;
    fprintf(stderr, "lethe: %s\n", err.message);
    _exit(lethe_err_exit(err.code));
}

int main(int argc, char **argv)
{
    struct lethe_options options = {0};
    int status = 0;
    begin_without_threads(argv);
    reserve_memory();
    /* What is freed is soon asked for again. A threshold that is set no longer moves by
     * itself, so both are set: every buffer from 128 KB on would otherwise be asked of the
     * kernel anew, and zeroed. */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    if (among_ranks())
        lethe_ranks_start(&argc, &argv);
    lethe_blas_threads(1);
    if (lethe_ranks_own()) { /* works for rank 0 until it is sent home */
        status = lethe_mpi_pool_serve();
    } else if (!take_options(&options, argc, argv, &status)) {
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error of the write */
        read_environment(&options);
        status = run_workbench(&options);
    }
    lethe_mpi_pool_dismiss();
    lethe_ranks_stop();
    lethe_free(options.opening);
    lethe_free(options.config_folder);
    lethe_free(options.state_folder);
    return status;
}
