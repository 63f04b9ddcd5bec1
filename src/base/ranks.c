/* SPDX-License-Identifier: MIT
 * The only file that knows MPI, and only in a build with MPI=1. Nothing here waits in MPI's own
 * busy loops except for a message that is known to come. */
#include "base/ranks.h"

#if LETHE_MPI

#include <limits.h>
#include <mpi.h>

enum { PIECE = 1 << 30 }; /* bytes of one message at most: MPI counts in int */

static int count_ = 1, own_;

int lethe_ranks_start(int *argc, char ***argv)
{
    int level;
    if (MPI_Init_thread(argc, argv, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS)
        return 0;
    MPI_Comm_size(MPI_COMM_WORLD, &count_);
    MPI_Comm_rank(MPI_COMM_WORLD, &own_);
    if (level < MPI_THREAD_SERIALIZED && count_ > 1)
        MPI_Abort(MPI_COMM_WORLD, 70);
    return 1;
}

void lethe_ranks_stop(void)
{
    int begun = 0;
    MPI_Initialized(&begun);
    if (begun)
        MPI_Finalize();
    count_ = 1;
    own_ = 0;
}

int lethe_ranks_count(void)
{
    return count_;
}

int lethe_ranks_own(void)
{
    return own_;
}

/* A message is its length (as a message of its own) and then its pieces. */
void lethe_ranks_send(int to, int kind, const void *data, size_t size)
{
    unsigned long long length = size;
    MPI_Send(&length, 1, MPI_UNSIGNED_LONG_LONG, to, kind, MPI_COMM_WORLD);
    for (size_t at = 0; at < size; at += PIECE) {
        const size_t left = size - at;
        MPI_Send((const char *)data + at, (int)(left < PIECE ? left : PIECE), MPI_BYTE, to, kind,
                 MPI_COMM_WORLD);
    }
}

int lethe_ranks_waiting(int *from, int *kind, size_t *size)
{
    int there = 0;
    MPI_Status status;
    unsigned long long length;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
    if (!there)
        return 0;
    *from = status.MPI_SOURCE;
    *kind = status.MPI_TAG;
    MPI_Recv(&length, 1, MPI_UNSIGNED_LONG_LONG, *from, *kind, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    *size = (size_t)length;
    return 1;
}

void lethe_ranks_receive(int from, int kind, void *data, size_t size)
{
    for (size_t at = 0; at < size; at += PIECE) {
        const size_t left = size - at;
        MPI_Recv((char *)data + at, (int)(left < PIECE ? left : PIECE), MPI_BYTE, from, kind,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

#else

int lethe_ranks_start(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

void lethe_ranks_stop(void)
{
}

int lethe_ranks_count(void)
{
    return 1;
}

int lethe_ranks_own(void)
{
    return 0;
}

void lethe_ranks_send(int to, int kind, const void *data, size_t size)
{
    (void)to;
    (void)kind;
    (void)data;
    (void)size;
}

int lethe_ranks_waiting(int *from, int *kind, size_t *size)
{
    (void)from;
    (void)kind;
    (void)size;
    return 0;
}

void lethe_ranks_receive(int from, int kind, void *data, size_t size)
{
    (void)from;
    (void)kind;
    (void)data;
    (void)size;
}

#endif
