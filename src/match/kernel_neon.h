/* What the NEON kernels that keep a tile's scores in memory share. */
#ifndef SS_MATCH_KERNEL_NEON_H
#define SS_MATCH_KERNEL_NEON_H

#include "match/kernel_tiles.h"

#include <arm_neon.h>

/* scores: (rows, SS_PANEL). A bit for each row of which some score reaches its least. */
SS_INLINE uint32_t ss_neon_reached(const int32_t *scores, size_t rows, const int32_t *least)
{
    uint32_t hit = 0;
    for (size_t r = 0; r < rows; r++, scores += SS_PANEL) {
        int32x4_t most = vld1q_s32(scores);
        for (size_t j = 4; j < SS_PANEL; j += 4) most = vmaxq_s32(most, vld1q_s32(scores + j));
        hit |= (uint32_t)(vmaxvq_s32(most) >= least[r]) << r;
    }
    return hit;
}

#endif
