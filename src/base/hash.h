/* XXH3, compiled in: most of what is hashed is a word or less, and calling the library would cost
 * more than hashing. The same values as the library's. */
#ifndef SS_BASE_HASH_H
#define SS_BASE_HASH_H

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#endif
