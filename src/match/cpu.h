/* What this CPU can do. */
#ifndef SS_MATCH_CPU_H
#define SS_MATCH_CPU_H

#include <stdbool.h>

typedef enum ss_cpu_feature {
    SS_CPU_AVX2 = 1,       /* AVX2 and FMA */
    SS_CPU_AVX512VNNI = 2, /* AVX-512 F, BW, VL and VNNI */
    SS_CPU_NEON = 4,       /* Advanced SIMD of aarch64 */
    SS_CPU_AVXVNNI = 8,    /* VNNI on 256 bits, with AVX2 */
    SS_CPU_DOTPROD = 16,   /* dot products of aarch64 */
    SS_CPU_I8MM = 32       /* matrix products of aarch64 */
} ss_cpu_feature;

enum { SS_CPU_FEATURES = 6 };

/* Bits of ss_cpu_feature, less those switched off. */
unsigned ss_cpu_features(void);

/* Switches features off (tests run once without each). Not while another thread uses a kernel. */
void ss_cpu_disable(unsigned features);

#endif
