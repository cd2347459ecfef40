/* Stage index -> store: where an index may be. On a network file system neither locks nor mapped
 * files keep what LMDB needs. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "index/store_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

enum { FUSE = 0x65735546, LINE = 4096 };

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(name, *names)) return true;
    return false;
}

/* The type of the mount that a path is on, from a line of /proc/self/mountinfo:
 * "36 35 98:0 /root /mount/point rw - type source options". Empty: another mount, or a longer one
 * known. */
static void type_in_line(char *line, const char *path, size_t *longest, char type[64])
{
    char *dash = strstr(line, " - "), *at = line;
    for (int field = 0; at && field < 4; field++) {
        at = strchr(at, ' ');
        if (at) at++;
    }
    char *end = at ? strchr(at, ' ') : NULL;
    if (!dash || !end) return;
    size_t size = (size_t)(end - at);
    if (size == 1) size = 0; /* the root */
    if (strncmp(path, at, size) != 0 || (path[size] && path[size] != '/') || size < *longest)
        return;
    *longest = size;
    snprintf(type, 64, "%.*s", (int)strcspn(dash + 3, " "), dash + 3);
}

/* Of file systems in user space only the type's name tells whether there is a network behind them.
 */
static bool is_network_fuse(const char *folder)
{
    static const char *const known[] = {
        "fuse.sshfs",     "fuse.rclone",    "fuse.s3fs",     "fuse.gcsfuse",
        "fuse.goofys",    "fuse.davfs",     "fuse.ceph",     "fuse.ceph-fuse",
        "fuse.mfs",       "fuse.glusterfs", "fuse.juicefs",  "fuse.smbnetfs",
        "fuse.curlftpfs", "fuse.blobfuse",  "fuse.lizardfs", NULL};
    char line[LINE], type[64] = "", *path = realpath(folder, NULL);
    size_t longest = 0;
    FILE *mounts = path ? fopen("/proc/self/mountinfo", "re") : NULL;
    while (mounts && fgets(line, sizeof line, mounts)) type_in_line(line, path, &longest, type);
    if (mounts) fclose(mounts);
    free(path);
    return is_one_of(type, known);
}

bool ss_is_network(const char *folder)
{
    static const uint32_t known[] = {
        0x6969,     /* NFS */
        0x517B,     /* SMB */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB2 */
        0x01021997, /* 9p */
        0x00C36400, /* Ceph */
        0x5346414F, /* AFS */
        0x6B414653, /* kAFS */
        0x73757245, /* Coda */
        0x564C,     /* NCP */
        0x0BD00BD0, /* Lustre */
        0x47504653, /* GPFS */
        0x19830326, /* BeeGFS */
    };
    struct statfs is;
    if (statfs(folder, &is)) return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((uint32_t)is.f_type == known[i]) return true;
    return (uint32_t)is.f_type == FUSE && is_network_fuse(folder);
}
