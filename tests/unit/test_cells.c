/* Cells: k-means finds clusters that are there, leaves no cell idle, and gives the same centroids for any
 * number of threads. */
#include "unit.h"

#include "train/cells.c"

enum { D = 32, CLUSTERS = 20, OF_CLUSTER = 60, POINTS = CLUSTERS * OF_CLUSTER };

static float *make_points(void)
{
    float *p = malloc(POINTS * D * sizeof *p);
    uint64_t noise = 5;
    assert_non_null(p);
    for (size_t i = 0; i < POINTS; i++) {
        uint64_t centre = 1000 + i % CLUSTERS;
        double x[D], square = 0;
        for (int k = 0; k < D; k++) {
            x[k] = random_unit(&centre) - 0.5 + 0.3 * (random_unit(&noise) - 0.5);
            square += x[k] * x[k];
        }
        for (int k = 0; k < D; k++) p[i * D + (size_t)k] = (float)(x[k] / sqrt(square));
    }
    return p;
}

static size_t nearest(const float *point, const float *centroid, size_t cells)
{
    size_t best = 0;
    float most = -2;
    for (size_t c = 0; c < cells; c++) {
        float sum = 0;
        for (int k = 0; k < D; k++) sum += point[k] * centroid[c * D + (size_t)k];
        if (sum > most) most = sum, best = c;
    }
    return best;
}

static void clusters_are_found(void **state)
{
    float *p = make_points(), centroid[2 * CLUSTERS * D];
    size_t together = 0, members[2 * CLUSTERS] = {0};
    (void)state;
    assert_int_equal(cells_find(p, POINTS, D, 2 * CLUSTERS, 1, 2, centroid, NULL), SAMESTORY_OK);
    for (size_t i = 0; i < POINTS; i++) members[nearest(p + i * D, centroid, 2 * CLUSTERS)]++;
    for (size_t c = 0; c < 2 * CLUSTERS; c++) {
        double square = 0;
        for (int k = 0; k < D; k++)
            square += (double)centroid[c * D + (size_t)k] * (double)centroid[c * D + (size_t)k];
        assert_near(square, 1, 1e-5);
        assert_true(members[c] > 0);
    }
    /* no cell is of two clusters */
    for (size_t i = CLUSTERS; i < POINTS; i++)
        for (size_t k = 1; k < CLUSTERS; k++)
            together += nearest(p + i * D, centroid, 2 * CLUSTERS) ==
                        nearest(p + (i % CLUSTERS + k) % CLUSTERS * D, centroid, 2 * CLUSTERS);
    assert_int_equal(together, 0);
    free(p);
}

static void threads_do_not_matter(void **state)
{
    float *p = make_points(), one[CLUSTERS * D], three[CLUSTERS * D];
    (void)state;
    assert_int_equal(cells_find(p, POINTS, D, CLUSTERS, 9, 1, one, NULL), SAMESTORY_OK);
    assert_int_equal(cells_find(p, POINTS, D, CLUSTERS, 9, 3, three, NULL), SAMESTORY_OK);
    assert_memory_equal(one, three, sizeof one);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_are_found),
        cmocka_unit_test(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
