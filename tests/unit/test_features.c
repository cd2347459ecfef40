/* Features: ids that must never change by accident, since models and sketches are made of them. The
 * constants were computed apart from this code, from the definition in features.h. */
#include "unit.h"

#include "scripts.h"
#include "sketch/features.h"
#include "train/lexicon.c"

#include <stdlib.h>
#include <string.h>

static ss_normalizer *normalizer;
static samestory_model letters, *model = &letters;

static int open_normalizer(void **state)
{
    (void)state;
    samestory_error error;
    normalizer = ss_normalizer_new();
    return normalizer && !ss_letters_new(normalizer, &letters, &error) ? 0 : -1;
}

static int close_normalizer(void **state)
{
    (void)state;
    ss_letters_free(&letters);
    ss_normalizer_free(normalizer);
    return 0;
}

/* count: of the form and the n-grams of the word's own letters, which come first. */
typedef struct golden {
    const char *script, *word;
    size_t count;
    uint64_t first, second, last;
} golden;

/* clang-format off */
static const golden goldens[] = {
    {"latin", "Nguyễn", 16, 0x9A69B0DAF39FEA3A, 0x39F416F9601272AA, 0x26D2A0CD91FDDB5A},
    {"cyrillic", "Йошкар", 16, 0x34F2A16785EC2B0A, 0xCCC41C1ABADB590C, 0xB20AD9341A07A2F2},
    {"greek", "Αθήνα", 13, 0x072896E52A44095E, 0x293D713DE554D13B, 0x44A45048332B55DC},
    {"arabic", "الأُردني", 19, 0x8CD169082F5CCCAC, 0xE922BF76ADDF3E1A, 0x720A7906821E1DAA},
    {"hebrew", "ירושלים", 19, 0xB356FBF13C72D0DF, 0x61EC85E9688B74F3, 0x2DFC8A5BA151F698},
    {"devanagari", "प्रधानमंत्री", 34, 0xF0C063A6D2A6A36A, 0xFA91A4133D7E6353, 0x73686D10FE6487F1},
    {"bengali", "সমাবেশ", 16, 0xD4EE417AA36F6919, 0xF3B2CC20658973FA, 0x5A28BD9FFDC21AA2},
    {"gurmukhi", "ਸ਼ਹਿਰ", 13, 0xB20439E8C8D21AA9, 0x05F076E3CE15F51F, 0xF1443DBF6E976938},
    {"gujarati", "વરસાદ", 13, 0x91F59CE634376C9D, 0x1543293CFEC5B1B0, 0xD506F7467BD65F98},
    {"tamil", "சென்னையில்", 28, 0xC3E2118DCE90A42C, 0x656E197E2DD09E8A, 0xC69CC3661DC612F7},
    {"telugu", "వర్షం", 13, 0x282DF63CE5F44DBB, 0x8C9256D67437F501, 0x29B674ED5DB446D6},
    {"kannada", "ಮೆಟ್ರೋ", 16, 0x3419E5E321652242, 0xEBFFDBEA879A82E3, 0x27B616E948BE0242},
    {"malayalam", "പാലം", 10, 0xFF4D381DF42073E8, 0x8BF2634945570FED, 0xBFB5B68B1B05DD5C},
    {"sinhala", "කොළඹ", 10, 0xFF5274A06CC53F42, 0x348F3E98D189F9E9, 0x9E4CA3189FC3EBBF},
    {"thai", "กรุงเทพ", 18, 0xF59DBCF07E454909, 0x18185719C1B3E36B, 0x93D5C54E15FDA906},
    {"lao", "ວຽງຈັນ", 15, 0xF29C99ADEB528E0D, 0xE5805F56A973D99B, 0xC045540D3022B844},
    {"khmer", "ភ្នំពេញ", 18, 0x857D4D35BD96D069, 0x573752C1D445B2C6, 0x2A955D81A869FD7D},
    {"myanmar", "ရန်ကုန်", 18, 0xD1307ADA133B8CB8, 0xA11D3E45E1B8574E, 0x0162673363891221},
    {"hangul", "무역", 7, 0xA5F4CDB22AFBFAA9, 0x5B96018454A1EB57, 0x6CCF8CDE1D235859},
    {"han", "贸易部长", 9, 0x7106CE01C78DAED4, 0x779F841EE1517F3D, 0xB63E5055347C3C79},
    {"kana", "プレス", 6, 0x5B9A15812737B030, 0x683C3BE387FC7C4C, 0x1510DFF40980E3FB},
    {"georgian", "თბილისში", 22, 0x69D7DFCC324F15C0, 0xE06597E28953E199, 0xB929139367A93AA8},
    {"armenian", "Երևան", 16, 0xA4F5F54EF8D83EAB, 0xD6CF5235EDFF4009, 0x93BB99C3F5D6C507},
    {"ethiopic", "ሚኒስትሩ", 13, 0xB1FDF0711DE02589, 0x0A1295C23BD1B17B, 0xE08D8EB90376ACC9},
};
/* clang-format on */

static void ids_are_what_they_always_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        const golden *g = &goldens[i];
        ss_words words = {0};
        uint64_t ids[SS_WORD_FEATURES_MAX];
        assert_int_equal(ss_words_split(normalizer, g->word, strlen(g->word), &words),
                         SAMESTORY_OK);
        if (words.count != 1) fail_msg("%s: %zu words, not 1", g->script, words.count);
        size_t count = ss_word_features(model, &words.items[0], ids);
        if (count < g->count || ids[0] != g->first || ids[1] != g->second ||
            ids[g->count - 1] != g->last)
            fail_msg("%s: %zu features %016llx %016llx .. %016llx", g->script, count,
                     (unsigned long long)ids[0], (unsigned long long)ids[1],
                     (unsigned long long)ids[g->count - 1]);
        ss_words_free(&words);
    }
}

static size_t features_of(const char *text, uint64_t *ids)
{
    ss_words words = {0};
    assert_int_equal(ss_words_split(normalizer, text, strlen(text), &words), SAMESTORY_OK);
    assert_int_equal(words.count, 1);
    size_t count = ss_word_features(model, &words.items[0], ids);
    ss_words_free(&words);
    return count;
}

/* Only the first feature knows the accents: a reader abroad leaves them out. */
static void spellings_without_accents_share_their_ngrams(void **state)
{
    (void)state;
    uint64_t with[SS_WORD_FEATURES_MAX], without[SS_WORD_FEATURES_MAX];
    size_t count = features_of("Nguyễn", with);
    assert_int_equal(features_of("NGUYEN", without), count);
    assert_true(with[0] != without[0]);
    assert_memory_equal(with + 1, without + 1, (count - 1) * sizeof *with);
}

static bool holds(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id) return true;
    return false;
}

/* How many of the features of b a has, form and accents apart. */
static size_t shared(const char *a, const char *b)
{
    uint64_t of_a[SS_WORD_FEATURES_MAX], of_b[SS_WORD_FEATURES_MAX];
    size_t count_a = features_of(a, of_a), count_b = features_of(b, of_b), found = 0;
    for (size_t i = 0; i < count_b; i++) found += holds(of_a, count_a, of_b[i]);
    return found;
}

static void names_meet_across_scripts(void **state)
{
    (void)state;
    assert_int_equal(shared("Москва", "moskva"), 16); /* all 15 n-grams and the skeleton */
    assert_true(shared("Αθήνα", "Athena") >= 3);
    assert_true(shared("Меркель", "Merkel") > 5);
    assert_int_equal(shared("メルケル", "Merkel"), 1); /* the skeleton */
    assert_int_equal(shared("今日メルケル氏", "Merkel"), 1);
    assert_int_equal(shared("오바마", "Obama"), 13);
    assert_int_equal(shared("アベ", "Abe"), 0); /* two consonants tell too little */
    assert_int_equal(shared("贸易部长", "trade"), 0);
    assert_int_equal(shared("2024", "2025"), 3); /* <20 202 <202: digits have no skeleton */
}

static void word_hash_is_the_first_feature(void **state)
{
    (void)state;
    uint64_t ids[SS_WORD_FEATURES_MAX];
    features_of("Hanoi", ids);
    assert_true(ids[0] == ss_word_hash("hanoi", 5));
}

static void short_words_have_features(void **state)
{
    (void)state;
    uint64_t ids[SS_WORD_FEATURES_MAX];
    assert_int_equal(features_of("a", ids), 2);  /* a, <a> */
    assert_int_equal(features_of("EU", ids), 4); /* eu, <eu, eu>, <eu> */
    assert_int_equal(features_of("京", ids), 1);
}

static void no_word_has_more_features_than_there_is_room(void **state)
{
    (void)state;
    uint64_t *ids = malloc(SS_WORD_FEATURES_MAX * sizeof *ids); /* exact, for the sanitizer */
    assert_non_null(ids);
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
        char text[4096] = "";
        while (strlen(text) < 1500) strcat(text, script_samples[i].text);
        /* one long word: everything that separates taken out */
        size_t size = strlen(text), used = 0;
        for (size_t at = 0; at < size; at++)
            if ((unsigned char)text[at] > ' ') text[used++] = text[at];
        ss_words words = {0};
        assert_int_equal(ss_words_split(normalizer, text, used, &words), SAMESTORY_OK);
        for (size_t w = 0; w < words.count; w++) {
            size_t count = ss_word_features(model, &words.items[w], ids);
            assert_true(count > 0 && count <= SS_WORD_FEATURES_MAX);
        }
        ss_words_free(&words);
    }
    free(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_what_they_always_were),
        cmocka_unit_test(spellings_without_accents_share_their_ngrams),
        cmocka_unit_test(names_meet_across_scripts),
        cmocka_unit_test(word_hash_is_the_first_feature),
        cmocka_unit_test(short_words_have_features),
        cmocka_unit_test(no_word_has_more_features_than_there_is_room),
    };
    return cmocka_run_group_tests(tests, open_normalizer, close_normalizer);
}
