/* Sums by pairs of 16-bit products, for whoever includes this with
 *   TARGET          the attribute that lets the compiler use the instructions,
 *   WIDTH, VECTOR   bytes of a register, and its type; ZERO: an empty one,
 *   OP(name)        the intrinsic of that width,
 *   AND(a, b), LOAD(from)
 *   ADD_PRODUCTS(sum, a, b)   sum + pairs of a times pairs of b,
 *   EACH_LANE(x, less, sum, apart)   add_lane of each four components of x, so far apart in sum,
 *   NAME(name)      what the functions are called here. */

SS_ROWS_INLINE TARGET void NAME(add_lane)(__m128i x, __m128i less, int32_t *sum)
{
    __m128i *at = (__m128i *)(void *)sum;
    _mm_storeu_si128(at, _mm_add_epi32(_mm_loadu_si128(at), _mm_sub_epi32(x, less)));
}

/* even, odd: sums of every second component: of the first eight of each sixteen, and of the last.
 */
SS_ROWS_INLINE TARGET void NAME(add_half)(const VECTOR even[2], const VECTOR odd[2], int32_t least,
                                          int32_t *sum)
{
    __m128i less = _mm_set1_epi32(least);
    for (size_t h = 0; h < 2; h++) {
        VECTOR first = OP(unpacklo_epi32)(even[h], odd[h]);
        VECTOR last = OP(unpackhi_epi32)(even[h], odd[h]);
        EACH_LANE(first, less, sum + 8 * h, 16)
        EACH_LANE(last, less, sum + 8 * h + 4, 16)
    }
}

/* Bytes first .. first + WIDTH - 1 of each row. Two rows' 16-bit words side by side, each of which
 * holds two components of the first half and two of the second: four products of pairs. */
TARGET static void NAME(add_rows)(const row_pair *pair, size_t pairs, size_t first, size_t half,
                                  int32_t least, int32_t *sum)
{
    const VECTOR nibble = OP(set1_epi16)(15);
    VECTOR even[2][2], odd[2][2]; /* of each half; of the first and last eight of each sixteen */
    for (size_t i = 0; i < 4; i++) even[i / 2][i % 2] = odd[i / 2][i % 2] = ZERO;
    for (size_t p = 0; p < pairs; p++) {
        VECTOR a = LOAD(pair[p].row[0] + first), b = LOAD(pair[p].row[1] + first);
        VECTOR scales = OP(set1_epi32)(pair[p].scales);
        VECTOR words[2] = {OP(unpacklo_epi16)(a, b), OP(unpackhi_epi16)(a, b)};
        SS_ROWS_UNROLL(2)
        for (size_t h = 0; h < 2; h++) {
            VECTOR w = words[h];
            even[0][h] = ADD_PRODUCTS(even[0][h], AND(w, nibble), scales);
            even[1][h] = ADD_PRODUCTS(even[1][h], AND(OP(srli_epi16)(w, 4), nibble), scales);
            odd[0][h] = ADD_PRODUCTS(odd[0][h], AND(OP(srli_epi16)(w, 8), nibble), scales);
            odd[1][h] = ADD_PRODUCTS(odd[1][h], OP(srli_epi16)(w, 12), scales);
        }
    }
    NAME(add_half)(even[0], odd[0], least, sum + first);
    NAME(add_half)(even[1], odd[1], least, sum + half + first);
}

enum { NAME(SCALED) = 4 * WIDTH / 2 /* components at a time */ };

/* Components first .. first + 4 * WIDTH / 2 - 1. */
TARGET static void NAME(add_scaled)(const ss_scaled *scaled, size_t count, size_t first,
                                    int32_t *sum)
{
    const __m128i none = _mm_setzero_si128();
    VECTOR low[4], high[4]; /* of the first and last four of each eight */
    for (size_t i = 0; i < 4; i++) low[i] = high[i] = ZERO;
    for (size_t s = 0; s < count; s += 2) {
        bool two = s + 1 < count;
        const int16_t *a = scaled[s].vector + first;
        const int16_t *b = two ? scaled[s + 1].vector + first : a;
        VECTOR scales = OP(set1_epi32)(scaled[s].scale | (two ? scaled[s + 1].scale << 16 : 0));
        SS_ROWS_UNROLL(4)
        for (size_t i = 0; i < 4; i++) {
            VECTOR x = LOAD(a + i * WIDTH / 2), y = LOAD(b + i * WIDTH / 2);
            low[i] = ADD_PRODUCTS(low[i], OP(unpacklo_epi16)(x, y), scales);
            high[i] = ADD_PRODUCTS(high[i], OP(unpackhi_epi16)(x, y), scales);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        EACH_LANE(low[i], none, sum + first + i * WIDTH / 2, 8)
        EACH_LANE(high[i], none, sum + first + i * WIDTH / 2 + 4, 8)
    }
}
