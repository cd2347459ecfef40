/* Measures of quality over scores and labels; the words of evaluation.md. */
#ifndef SS_STORY_MEASURE_H
#define SS_STORY_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ss_scored {
    float score;
    uint32_t positive; /* 0 or 1 */
} ss_scored;

typedef struct ss_pair_measure {
    double precision, recall, f1; /* at the threshold given */
    double best_f1, best_threshold;
    double average_precision;
    size_t count, positives;
} ss_pair_measure;

/* Orders `pairs` by falling score and measures them. */
ss_pair_measure ss_measure_pairs(ss_scored *pairs, size_t count, double threshold);

typedef struct ss_group_measure {
    double precision, recall, f1;
} ss_group_measure;

/* B-cubed (Bagga and Baldwin 1998) of a clustering against true classes; documents whose class is
 * SIZE_MAX are left out. false when memory is out. */
bool ss_measure_bcubed(const size_t *cluster, const size_t *truth, size_t count,
                       ss_group_measure *out);
/* Precision and recall over pairs that share a cluster. */
bool ss_measure_clusters(const size_t *cluster, const size_t *truth, size_t count,
                         ss_group_measure *out);

#endif
