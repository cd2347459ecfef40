/* Evaluation sentences in training texts: the same, nearly the same, a part and a whole are found; texts
 * that only look alike are not. */
#include "unit.h"

#include "train/sentences.c"

static ss_normalizer *normalizer;
static sentence_index found_in;
static sentence_scratch scratch;

static const char document[] =
    "Storm floods the harbour of Larvik\n"
    "The harbour master of Larvik closed both piers on Tuesday evening. Nobody was hurt, and the ferry "
    "to Hirtshals sailed eleven hours late!\n"
    "週末の嵐で港の二つの桟橋が閉鎖され、フェリーは十一時間遅れて出港した。けが人はいなかった。\n"
    "The coast guard towed two sailing boats with seven people on board into the shelter of Stavern while "
    "waves of six metres broke over the mole.\nYes.";

static int start(void **state)
{
    (void)state;
    normalizer = ss_normalizer_new();
    if (!normalizer) return -1;
    return sentences_add(&found_in, normalizer, &scratch, document, sizeof document - 1, 7, NULL) ||
           sentences_finish(&found_in, NULL);
}

static int end(void **state)
{
    (void)state;
    sentence_scratch_free(&scratch);
    sentences_free(&found_in);
    ss_normalizer_free(normalizer);
    return 0;
}

static void expect(const char *text, sentence_match wanted)
{
    uint32_t sentence = 0;
    double near = 0;
    sentence_match match = sentences_find(&found_in, normalizer, &scratch, text, strlen(text),
                                          &sentence, &near);
    if (match != wanted) fail_msg("%d instead of %d (%.2f): %s", (int)match, (int)wanted, near, text);
    if (match) assert_int_equal(found_in.sentence[sentence].document, 7);
}

static void the_same_sentence_is_found(void **state)
{
    (void)state;
    expect("The harbour master of Larvik closed both piers on Tuesday evening.", MATCH_EXACT);
    expect("the HARBOUR master of Larvik closed both piers on Tuesday evening", MATCH_EXACT);
    expect("Storm floods the harbour of Larvik", MATCH_EXACT);
    expect("週末の嵐で港の二つの桟橋が閉鎖され、フェリーは十一時間遅れて出港した。", MATCH_EXACT);
}

static void near_copies_are_found(void **state)
{
    (void)state;
    expect("The harbour master of Larvik closed both piers on Wednesday evening.", MATCH_NEAR);
    expect("Nobody was hurt, and the ferry to Hirtshals sailed eleven hours behind.", MATCH_NEAR);
    expect("週末の嵐で港の二つの桟橋が閉鎖され、フェリーは十二時間遅れて出港した。", MATCH_NEAR);
}

static void parts_and_wholes_are_found(void **state)
{
    (void)state;
    expect("Harbour news: the harbour master of Larvik closed both piers on Tuesday evening, as he had done "
           "in the storms of the past two winters, and opened them again at noon the next day.",
           MATCH_PART);
    expect("two sailing boats with seven people on board into the shelter", MATCH_PART);
}

static void look_alikes_are_not(void **state)
{
    (void)state;
    expect("Yes.", MATCH_NONE);
    expect("The harbour master of Larvik", MATCH_NONE);
    expect("The harbour master of Skagen opened both locks on Tuesday evening after the storm.", MATCH_NONE);
    expect("Floods the storm of Larvik harbour the", MATCH_NONE);
    expect("フェリーは港を出港した。", MATCH_NONE);
    expect("", MATCH_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_sentence_is_found),
        cmocka_unit_test(near_copies_are_found),
        cmocka_unit_test(parts_and_wholes_are_found),
        cmocka_unit_test(look_alikes_are_not),
    };
    return cmocka_run_group_tests(tests, start, end);
}
