/* Tiles by VNNI on 256 bits, for whoever includes this with
 *   TARGET            the attribute that lets the compiler use the instruction,
 *   DPBUSD, REGISTER  the instruction, and the kind of register that it takes,
 *   ROWS, BIAS
 * The instruction has two encodings: AVX-VNNI's, which the kernel uses, and that of AVX-512 VL,
 * with which a test runs these tiles on CPUs that lack the first. */
#ifndef SS_MATCH_KERNEL_VNNI256_H
#define SS_MATCH_KERNEL_VNNI256_H

SS_INLINE TARGET __m256i load(const void *from)
{
    return _mm256_load_si256((const __m256i *)from);
}

SS_INLINE TARGET __m256i splat(const uint8_t *four_bytes)
{
    int32_t word;
    __builtin_memcpy(&word, four_bytes, sizeof word);
    return _mm256_set1_epi32(word);
}

/* sum += bytes of x without sign times bytes of b with sign; see kernel_avx512vnni.c. */
SS_INLINE TARGET __m256i add_products(__m256i sum, __m256i x, __m256i b)
{
    __asm__(DPBUSD " %2, %1, %0" : "+" REGISTER(sum) : REGISTER(x), REGISTER(b));
    return sum;
}

SS_INLINE TARGET int any_reaches(__m256i sum, __m256i limit)
{
    return _mm256_movemask_epi8(_mm256_cmpgt_epi32(limit, sum)) != -1;
}

/* Rows against sixteen columns. rows and ways are constants where it is called. ways: sums of a row
 * that run side by side, each over every ways-th four components, so that few rows don't wait for
 * each other's additions. */
SS_INLINE TARGET uint32_t part_of(size_t rows, size_t ways, const uint8_t *a, const int8_t *panel,
                                  const int32_t *sums, size_t d, const int32_t *least,
                                  int32_t *scores)
{
    __m256i sum[ROWS][2], bias = _mm256_set1_epi32(-BIAS);
    __m256i low = _mm256_mullo_epi32(bias, load(sums)),
            high = _mm256_mullo_epi32(bias, load(sums + 8));
    SS_UNROLL(6)
    for (size_t i = 0; i < rows * ways; i++) {
        sum[i][0] = i < rows ? low : _mm256_setzero_si256();
        sum[i][1] = i < rows ? high : _mm256_setzero_si256();
    }
    for (size_t k = 0; k < d; k += 4 * ways, a += 4 * rows * ways, panel += 4 * SS_PANEL * ways) {
        SS_UNROLL(4)
        for (size_t w = 0; w < ways; w++) {
            __m256i b0 = load(panel + 4 * SS_PANEL * w), b1 = load(panel + 4 * SS_PANEL * w + 32);
            SS_UNROLL(6)
            for (size_t r = 0; r < rows; r++) {
                __m256i x = splat(a + 4 * (w * rows + r));
                sum[w * rows + r][0] = add_products(sum[w * rows + r][0], x, b0);
                sum[w * rows + r][1] = add_products(sum[w * rows + r][1], x, b1);
            }
        }
    }
    uint32_t hit = 0;
    SS_UNROLL(6)
    for (size_t r = 0; r < rows; r++) {
        __m256i s0 = sum[r][0], s1 = sum[r][1], limit = _mm256_set1_epi32(least[r]);
        SS_UNROLL(4)
        for (size_t w = 1; w < ways; w++) {
            s0 = _mm256_add_epi32(s0, sum[w * rows + r][0]);
            s1 = _mm256_add_epi32(s1, sum[w * rows + r][1]);
        }
        hit |= (uint32_t)(any_reaches(s0, limit) | any_reaches(s1, limit)) << r;
        _mm256_storeu_si256((__m256i *)(void *)(scores + r * SS_PANEL), s0);
        _mm256_storeu_si256((__m256i *)(void *)(scores + r * SS_PANEL + 8), s1);
    }
    return hit;
}

SS_INLINE TARGET uint32_t tile_of(size_t rows, size_t ways, const void *a, const int8_t *panel,
                                  const int32_t *sums, size_t d, const int32_t *least,
                                  int32_t *scores)
{
    return part_of(rows, ways, a, panel, sums, d, least, scores) |
           part_of(rows, ways, a, panel + 64, sums + 16, d, least, scores + 16);
}

TARGET static uint32_t tile(const void *a, size_t rows, const void *panel, const int32_t *sums,
                            size_t d, const int32_t *least, int32_t *scores)
{
    switch (rows) {
    case 1: return tile_of(1, 4, a, panel, sums, d, least, scores);
    case 2: return tile_of(2, 2, a, panel, sums, d, least, scores);
    case 3: return tile_of(3, 2, a, panel, sums, d, least, scores);
    case 4: return tile_of(4, 1, a, panel, sums, d, least, scores);
    case 5: return tile_of(5, 1, a, panel, sums, d, least, scores);
    default: return tile_of(6, 1, a, panel, sums, d, least, scores);
    }
}

#endif
