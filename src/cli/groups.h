/* Which documents belong together, and which of a group stays. */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include "collection.h"

/* Documents in the order of their arrival: by date, ties by number; one without a date stands where
 * the latest date before it does. 0 or an exit code. */
int groups_arrival(const collection *c, size_t **order);

/* The final stories: story[n] is the lowest number in n's story. `drop` limits the links to edges
 * of these relations (NULL: all). A record that came again belongs to the first one's story. */
int groups_stories(const collection *c, const bool *drop, size_t **story);

/* kept[n] is the document that stays for n's group: n itself if n stays. */
int groups_kept(const collection *c, const cli_options *options, size_t **kept);

#endif
