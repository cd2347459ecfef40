/* Room for what may not fit in memory: files in a folder, mapped. Whenever the process comes near
 * its limit of resident memory, what is mapped is let go; it stays in the files, and comes back
 * when it is read.
 *
 * A shelf belongs to one thread, but for ss_shelf_relieve, which any may call. */
#ifndef SS_BASE_SHELF_H
#define SS_BASE_SHELF_H

#include "base/status.h"

typedef struct ss_shelf ss_shelf;

/* limit: bytes of resident memory that the whole process may have; 0: none. folder: must exist. */
samestory_status ss_shelf_new(const char *folder, size_t limit, ss_shelf **out,
                              samestory_error *error);
void ss_shelf_free(ss_shelf *shelf);
const char *ss_shelf_folder(const ss_shelf *shelf);

/* Maps size bytes of a file from offset (a multiple of the page) for reading; NULL when it can't
 * be. It is unmapped with the shelf. */
const void *ss_shelf_map(ss_shelf *shelf, int file, uint64_t offset, size_t size);

/* An array that only grows, kept in a file without a name; zero-initialised before its first use.
 */
typedef struct ss_shelved {
    int file; /* + 1 */
    void *data;
    size_t bytes;
} ss_shelved;

/* Room for `bytes` bytes at shelved->data; false when disk or memory are full. A shelf that is
 * NULL: plain memory. */
bool ss_shelve(ss_shelf *shelf, ss_shelved *shelved, size_t bytes);
void ss_shelved_free(ss_shelf *shelf, ss_shelved *shelved);

/* To be called now and then by whoever reads much: lets go what is mapped when it is time. NULL:
 * nothing. */
void ss_shelf_relieve(ss_shelf *shelf);

/* Bytes of memory that the process has now; 0: the system doesn't tell. */
size_t ss_resident_bytes(void);

#endif
