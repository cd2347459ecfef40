/* Trainer, tables from ICU. Comes in: ICU's transliterators and Unicode CLDR. Goes out: the model's
 * sections LATIN and LEXICON, which the stage anchors reads, so that no anchor moves when the
 * machine gets another ICU. Cost: about two seconds, once.
 *
 * CLDR gives months, weekdays, spelled-out numbers, territories, languages (whose names are mostly
 * the people's as well) and the cities that time zones are named after (mostly capitals). */
#include "train/lexicon.h"

#include "base/array.h"
#include "base/status.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/unumberformatter.h>
#include <unicode/uregion.h>
#include <unicode/ureldatefmt.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum { PLANE = 0x10000, LATIN_SIZE = 8, NAME_MAX_UNITS = 128 };

/* ---- LATIN ----------------------------------------------------------------------------------- */

/* How the press writes Cyrillic letters; ICU's scholarly letters lose their hooks in ASCII ("č").
 */
static const struct {
    uint16_t point;
    char latin[LATIN_SIZE];
} press_letters[] = {
    {0x0436, "zh"}, {0x0439, "y"}, {0x0445, "kh"},  {0x0446, "ts"}, {0x0447, "ch"}, {0x0448, "sh"},
    {0x0449, "sh"}, {0x044B, "y"}, {0x044D, "e"},   {0x044E, "yu"}, {0x044F, "ya"}, {0x0451, "yo"},
    {0x0454, "ye"}, {0x0456, "i"}, {0x0457, "yi"},  {0x0458, "j"},  {0x0459, "lj"}, {0x045A, "nj"},
    {0x0452, "dj"}, {0x045B, "c"}, {0x045F, "dzh"}, {0x0453, "gj"}, {0x045C, "kj"}, {0x0455, "dz"},
    {0x0491, "g"},  {0x045E, "u"}, {0x044A, ""},    {0x044C, ""},   {0x30C3, ""},   {0x3063, ""},
    {0x30FC, ""},   {0x0E4C, ""},  {0x0E2D, "o"},
};

/* Letters and digits of `wide` as ASCII, at most 8 bytes. */
static void keep_ascii(const UChar *wide, int32_t size, char out[LATIN_SIZE])
{
    size_t used = 0;
    for (int32_t i = 0; i < size && used < LATIN_SIZE; i++) {
        UChar c = wide[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out[used++] = (char)c;
    }
}

samestory_status ss_build_latin(const ss_normalizer *normalizer, void **out, size_t *size,
                                samestory_error *error)
{
    (void)normalizer;
    UErrorCode status = U_ZERO_ERROR;
    UChar id[40];
    u_uastrcpy(id, "Any-Latin; Latin-ASCII; Lower");
    UTransliterator *translit = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    if (U_FAILURE(status))
        return ss_fail(error, SAMESTORY_INPUT_FAILED,
                       "ICU has no transliterator Any-Latin: install ICU's full data");
    char *table = calloc(PLANE, LATIN_SIZE);
    if (!table) {
        utrans_close(translit);
        return ss_fail_memory(error);
    }
    for (uint32_t c = 0; c < PLANE; c++) {
        if ((c >= 0xD800 && c <= 0xDFFF) ||
            !(u_isalnum((UChar32)c) || u_charType((UChar32)c) == U_NON_SPACING_MARK ||
              u_charType((UChar32)c) == U_COMBINING_SPACING_MARK))
            continue;
        UChar text[64] = {(UChar)c};
        int32_t length = 1, limit = 1;
        status = U_ZERO_ERROR;
        utrans_transUChars(translit, text, &length, 64, 0, &limit, &status);
        if (U_SUCCESS(status)) keep_ascii(text, length, table + (size_t)c * LATIN_SIZE);
    }
    utrans_close(translit);
    for (size_t i = 0; i < sizeof press_letters / sizeof *press_letters; i++)
        memcpy(table + (size_t)press_letters[i].point * LATIN_SIZE, press_letters[i].latin,
               LATIN_SIZE);
    *out = table;
    *size = (size_t)PLANE * LATIN_SIZE;
    return SAMESTORY_OK;
}

samestory_status ss_letters_new(const ss_normalizer *normalizer, samestory_model *out,
                                samestory_error *error)
{
    void *latin;
    size_t size;
    samestory_status status = ss_build_latin(normalizer, &latin, &size, error);
    if (!status) *out = (samestory_model){.latin = latin};
    return status;
}

void ss_letters_free(samestory_model *letters)
{
    free((char *)(uintptr_t)letters->latin);
    *letters = (samestory_model){0};
}

/* ---- LEXICON: collecting --------------------------------------------------------------------- */

typedef struct lexicon_builder {
    const ss_normalizer *normalizer;
    ss_words words;
    ss_lexicon_entry *items;
    size_t count, capacity;
    uint8_t language;
    bool out_of_memory;
} lexicon_builder;

static size_t code_points(const char *text, size_t size)
{
    size_t points = 0;
    for (size_t i = 0; i < size; i++) points += ((unsigned char)text[i] & 0xC0) != 0x80;
    return points;
}

static void add_entry(lexicon_builder *b, const char *folded, size_t size, ss_lexicon_kind kind, int value)
{
    if (!ss_reserve(&b->items, &b->capacity, b->count + 1)) {
        b->out_of_memory = true;
        return;
    }
    b->items[b->count++] = (ss_lexicon_entry){.hash = ss_folded_hash(folded, size),
                                              .kind = (uint8_t)kind,
                                              .language = b->language,
                                              .value = (int16_t)value};
}

/* Inflected names ("novembrī", "Вьетнама") are looked up with their ends taken off: enter the long
 * names without their last letter or two as well. */
static void add_stems(lexicon_builder *b, const char *folded, size_t size, ss_lexicon_kind kind, int value)
{
    for (unsigned cut = 0; cut < 2 && code_points(folded, size) >= 6; cut++) {
        do size--;
        while (size && ((unsigned char)folded[size] & 0xC0) == 0x80);
        add_entry(b, folded, size, kind, value);
        if (kind == SS_LEX_PLACE) return;
    }
}

/* Enters one name; what holds digits, or is too short to mean anything, is left out. */
static void add_text(lexicon_builder *b, const char *text, size_t size, ss_lexicon_kind kind, int value)
{
    if (ss_words_split(b->normalizer, text, size, &b->words) != SAMESTORY_OK) {
        b->out_of_memory = true;
        return;
    }
    char folded[512];
    size_t used = 0;
    bool latin_like = false, caseless = true;
    for (size_t i = 0; i < b->words.count; i++) {
        const ss_word *w = &b->words.items[i];
        if (w->digits || used + w->folded_size + 1 > sizeof folded) return;
        if (used) folded[used++] = ' ';
        memcpy(folded + used, w->folded, w->folded_size);
        used += w->folded_size;
        latin_like = w->script == SS_SCRIPT_LATIN || w->script == SS_SCRIPT_CYRILLIC ||
                     w->script == SS_SCRIPT_GREEK;
        caseless = caseless && !latin_like && !w->run;
    }
    size_t points = code_points(folded, used);
    if (points < (latin_like ? 3u : 2u)) return;
    add_entry(b, folded, used, kind, value);
    if (b->words.count > 1)
        add_entry(b, folded, b->words.items[0].folded_size, SS_LEX_BEGINNING, 1);
    bool one_word = b->words.count == 1 && !b->words.items[0].run && !caseless;
    if (one_word && (kind == SS_LEX_MONTH || kind == SS_LEX_PLACE))
        add_stems(b, folded, used, kind, value);
}

static void add_wide(lexicon_builder *b, const UChar *wide, int32_t length, ss_lexicon_kind kind, int value)
{
    UChar plain[NAME_MAX_UNITS];
    char text[4 * NAME_MAX_UNITS];
    bool apostrophe = false;
    if (length > NAME_MAX_UNITS) return;
    for (int round = 0; round < 2; round++) {
        int32_t size = 0;
        UErrorCode status = U_ZERO_ERROR;
        u_strToUTF8(text, (int32_t)sizeof text, &size, round ? plain : wide, length, &status);
        if (U_SUCCESS(status)) add_text(b, text, (size_t)size, kind, value);
        /* CLDR's Ukrainian has a letter for the apostrophe, most texts have the quotation mark */
        for (int32_t i = 0; i < length; i++) {
            apostrophe = apostrophe || wide[i] == 0x02BC;
            plain[i] = wide[i] == 0x02BC ? 0x2019 : wide[i];
        }
        if (!apostrophe) return;
    }
}

/* ---- Months, weekdays ------------------------------------------------------------------------ */

static void add_symbols(lexicon_builder *b, const UDateFormat *format, UDateFormatSymbolType type,
                        ss_lexicon_kind kind, int first)
{
    int32_t count = udat_countSymbols(format, type);
    for (int32_t i = 0; i < count; i++) {
        UChar name[NAME_MAX_UNITS];
        UErrorCode status = U_ZERO_ERROR;
        int32_t length = udat_getSymbols(format, type, i, name, NAME_MAX_UNITS, &status);
        if (U_FAILURE(status) || length < 1) continue;
        /* ICU's weekdays count from 1 = Sunday, ours from 1 = Monday; its months from 0 */
        int value = kind == SS_LEX_MONTH ? (int)i + 1 : i == 1 ? 7 : (int)i - 1;
        if (value >= 1 && value <= 12) add_wide(b, name, length, kind, first + value);
    }
}

/* The months of one calendar, as first + 1, ..., and its weekdays. */
static void add_months(lexicon_builder *b, const char *locale, const char *calendar, int first)
{
    char full[64];
    snprintf(full, sizeof full, "%s@calendar=%s", locale, calendar);
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format = udat_open(UDAT_LONG, UDAT_LONG, full, NULL, 0, NULL, 0, &status);
    if (U_FAILURE(status)) return;
    static const UDateFormatSymbolType months[] = {
        UDAT_MONTHS, UDAT_SHORT_MONTHS, UDAT_STANDALONE_MONTHS, UDAT_STANDALONE_SHORT_MONTHS};
    static const UDateFormatSymbolType weekdays[] = {UDAT_WEEKDAYS, UDAT_STANDALONE_WEEKDAYS};
    for (size_t i = 0; i < sizeof months / sizeof *months; i++)
        add_symbols(b, format, months[i], SS_LEX_MONTH, first);
    for (size_t i = 0; i < sizeof weekdays / sizeof *weekdays; i++)
        add_symbols(b, format, weekdays[i], SS_LEX_WEEKDAY, 0);
    udat_close(format);
}

/* Cases of weekdays in which "on" puts them, where they differ from the nominative. */
static const struct {
    const char *language, *words; /* value and words */
} weekday_cases[] = {
    {"ru", "3 среду 3 среды 5 пятницу 5 пятницы 6 субботу 6 субботы 7 воскресенья 1 понедельника 2 "
           "вторника 4 четверга"},
    {"uk",
     "3 середу 3 середи 6 суботу 6 суботи 7 неділю 7 неділі 1 понеділка 2 вівторка 4 четверга"},
    {"pl", "3 środę 3 środy 6 sobotę 6 soboty 7 niedzielę 7 niedzieli 1 poniedziałku 2 wtorku 4 "
           "czwartku 5 piątku"},
    {"cs", "3 středu 3 středy 6 sobotu 6 soboty 7 neděli 2 úterka 4 čtvrtka 5 pátku"},
    {"sk", "3 stredu 3 stredy 6 sobotu 6 soboty 7 nedeľu 7 nedele 2 utorka 4 štvrtka 5 piatka"},
    {"sl", "3 sredo 6 soboto 7 nedeljo"},
    {"hr", "3 srijedu 6 subotu 7 nedjelju"},
    {"sr", "3 sredu 6 subotu 7 nedelju 3 среду 6 суботу 7 недељу"},
    {"hu", "1 hétfőn 2 kedden 3 szerdán 4 csütörtökön 5 pénteken 6 szombaton"},
    {"fi", "1 maanantaina 2 tiistaina 3 keskiviikkona 4 torstaina 5 perjantaina 6 lauantaina 7 "
           "sunnuntaina"},
    {"et",
     "1 esmaspäeval 2 teisipäeval 3 kolmapäeval 4 neljapäeval 5 reedel 6 laupäeval 7 pühapäeval"},
    {"lt", "1 pirmadienį 2 antradienį 3 trečiadienį 4 ketvirtadienį 5 penktadienį 6 šeštadienį 7 "
           "sekmadienį"},
    {"lv", "1 pirmdien 2 otrdien 3 trešdien 4 ceturtdien 5 piektdien 6 sestdien 7 svētdien"},
    {"is", "1 mánudag 2 þriðjudag 3 miðvikudag 4 fimmtudag 5 föstudag 6 laugardag 7 sunnudag"},
    {"ro", "1 lunea 2 marțea 3 miercurea 5 vinerea 6 sâmbăta 7 duminica"},
    {"da", "1 mandags 2 tirsdags 3 onsdags 4 torsdags 5 fredags 6 lørdags 7 søndags"},
    {"no", "1 mandags 2 tirsdags 3 onsdags 4 torsdags 5 fredags 6 lørdags 7 søndags"},
    {"nb", "1 mandags 2 tirsdags 3 onsdags 4 torsdags 5 fredags 6 lørdags 7 søndags"},
    {"sv", "1 måndagens 2 tisdagens 3 onsdagens 4 torsdagens 5 fredagens 6 lördagens 7 söndagens 1 "
           "måndags 2 tisdags 3 onsdags 4 torsdags 5 fredags 6 lördags 7 söndags"},
    {"de", "6 sonnabend"},
    {"ar", "1 اثنين 2 ثلاثاء 3 أربعاء 3 الاربعاء 4 خميس"},
    {"he", "1 ביום שני 2 ביום שלישי 3 ביום רביעי 4 ביום חמישי 5 ביום שישי 7 ביום ראשון 6 בשבת"},
    {"hi", "4 बृहस्पतिवार 4 गुरुवार 2 मंगलवार"},
};

static void add_weekday_cases(lexicon_builder *b, const char *code)
{
    for (size_t i = 0; i < sizeof weekday_cases / sizeof *weekday_cases; i++) {
        const char *at = weekday_cases[i].words;
        if (strcmp(weekday_cases[i].language, code) != 0) continue;
        while (*at) {
            int value = *at - '0';
            size_t size = strcspn(at + 2, "1234567");
            bool more = at[2 + size] != '\0';
            add_text(b, at + 2, size - more, SS_LEX_WEEKDAY, value);
            at += 2 + size;
        }
    }
}

/* "the day before yesterday" to "tomorrow" */
static void add_relative_days(lexicon_builder *b, const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    URelativeDateTimeFormatter *format =
        ureldatefmt_open(locale, NULL, UDAT_STYLE_LONG, UDISPCTX_CAPITALIZATION_NONE, &status);
    if (U_FAILURE(status)) return;
    for (int ahead = -2; ahead <= 1; ahead++) {
        UChar text[NAME_MAX_UNITS];
        bool digits = false;
        status = U_ZERO_ERROR;
        int32_t length =
            ureldatefmt_format(format, ahead, UDAT_REL_UNIT_DAY, text, NAME_MAX_UNITS, &status);
        if (U_FAILURE(status)) continue;
        for (int32_t i = 0; i < length; i++) digits = digits || u_isdigit(text[i]);
        if (!digits) add_wide(b, text, length, SS_LEX_DAY, SS_LEX_TODAY + ahead);
    }
    ureldatefmt_close(format);
}

static void add_calendar(lexicon_builder *b, const char *locale)
{
    add_months(b, locale, "gregorian", 0);
    if (strncmp(locale, "fa", 2) == 0) add_months(b, locale, "persian", 12);
    add_relative_days(b, locale);
}

/* ---- Spelled-out numbers --------------------------------------------------------------------- */

/* Endings of ordinals that CLDR has in the nominative of the masculine alone. */
static const struct {
    const char *language, *ending, *others;
} ordinal_endings[] = {
    {"pl", "y", "a ej ego ą ym emu e"},
    {"pl", "i", "ia iej iego ią im iemu ie"},
    {"cs", "ý", "á ého é ém ou ým ému"},
    {"sk", "y", "a ej eho u om ym"},
    {"sk", "ý", "á ej ého ú om ým"},
    {"ru", "ый", "ая ого ой ую ом ым ое"},
    {"ru", "ой", "ая ого ую ом ым ое"},
    {"ru", "третий", "третья третьего третьей третью третьем"},
    {"uk", "ий", "а ого ої у ому ій им"},
    {"bg", "и", "а о ия ият ата ото"},
    {"hr", "i", "a e og oj om u"},
    {"sr", "и", "а е ог ој ом у"},
    {"ro", "treilea", "treia"},
    {"ro", "patrulea", "patra"},
    {"ro", "cincilea", "cincea"},
    {"ro", "ulea", "a"},
    {"ro", "elea", "ea"},
    {"is", "i", "a u"},
    {"mk", "и", "а о от ата ото иот"},
    {"sl", "i", "a e ega em o"},
    {"lt", "as", "a ame asis oji ojo ąjį osios ojoje"},
    {"lv", "ais", "ā ajā ās ajam"},
    {"fi", "s", "nnen nnessa nnella nnelle"},
    {"el", "ος", "η ο ου ης"},
    {"hu", "k", "kik"},
};

static void add_ordinal_cases(lexicon_builder *b, const char *locale, const char *text, size_t size,
                              int value)
{
    for (size_t i = 0; i < sizeof ordinal_endings / sizeof *ordinal_endings; i++) {
        const char *ending = ordinal_endings[i].ending, *other = ordinal_endings[i].others;
        size_t ends = strlen(ending);
        if (strncmp(ordinal_endings[i].language, locale, 2) != 0 || size <= ends ||
            memcmp(text + size - ends, ending, ends) != 0)
            continue;
        while (*other) {
            size_t length = strcspn(other, " ");
            char word[256];
            if (size - ends + length > sizeof word) return;
            memcpy(word, text, size - ends);
            memcpy(word + size - ends, other, length);
            add_text(b, word, size - ends + length, SS_LEX_ORDINAL, value);
            other += length + (other[length] == ' ');
        }
    }
}

static void add_ordinal(lexicon_builder *b, const char *locale, const UChar *wide, int32_t length,
                        int value)
{
    char text[4 * NAME_MAX_UNITS];
    int32_t size = 0;
    UErrorCode status = U_ZERO_ERROR;
    add_wide(b, wide, length, SS_LEX_ORDINAL, value);
    u_strToUTF8(text, (int32_t)sizeof text, &size, wide, length, &status);
    if (U_SUCCESS(status)) add_ordinal_cases(b, locale, text, (size_t)size, value);
}

/* One set of rules ("%spellout-cardinal-feminine"): the numbers that are a single word. */
static void add_rule_set(lexicon_builder *b, const char *locale, UNumberFormat *format, const UChar *name,
                         ss_lexicon_kind kind)
{
    int last = kind == SS_LEX_ORDINAL ? 30 : 99;
    UErrorCode status = U_ZERO_ERROR;
    unum_setTextAttribute(format, UNUM_DEFAULT_RULESET, name, -1, &status);
    if (U_FAILURE(status)) return;
    for (int value = 2; value <= last; value++) {
        UChar text[NAME_MAX_UNITS], plain[NAME_MAX_UNITS];
        status = U_ZERO_ERROR;
        int32_t length = unum_format(format, value, text, NAME_MAX_UNITS, NULL, &status);
        if (U_FAILURE(status)) continue;
        int32_t kept = 0;
        bool one_word = true;
        for (int32_t i = 0; i < length; i++) {
            one_word = one_word && text[i] != ' ' && text[i] != '-' && text[i] != 0xA0;
            if (text[i] != 0xAD) plain[kept++] = text[i]; /* soft hyphens */
        }
        if (kept < 2) continue;
        if (kind == SS_LEX_ORDINAL)
            add_ordinal(b, locale, plain, kept, value);
        else if (one_word)
            add_wide(b, plain, kept, kind, value);
    }
}

/* Third to tenth, in languages that CLDR has no ordinals of. */
static const struct {
    const char *language, *words;
} ordinal_words[] = {
    {"pl", "trzeci czwarty piąty szósty siódmy ósmy dziewiąty dziesiąty"},
    {"cs", "třetí čtvrtý pátý šestý sedmý osmý devátý desátý"},
    {"sk", "tretí štvrtý piaty šiesty siedmy ôsmy deviaty desiaty"},
    {"uk", "третій четвертий п’ятий шостий сьомий восьмий дев’ятий десятий"},
    {"sl", "tretji četrti peti šesti sedmi osmi deveti deseti"},
    {"lt", "trečias ketvirtas penktas šeštas septintas aštuntas devintas dešimtas"},
    {"lv", "trešais ceturtais piektais sestais septītais astotais devītais desmitais"},
    {"et", "kolmas neljas viies kuues seitsmes kaheksas üheksas kümnes"},
    {"ro", "treilea patrulea cincilea șaselea șaptelea optulea nouălea zecelea"},
    {"is", "þriðji fjórði fimmti sjötti sjöundi áttundi níundi tíundi"},
    {"mk", "трети четврти петти шести седми осми деветти десетти"},
    {"fa", "سوم چهارم پنجم ششم هفتم هشتم نهم دهم"},
};

static void add_ordinal_words(lexicon_builder *b, const char *code)
{
    for (size_t i = 0; i < sizeof ordinal_words / sizeof *ordinal_words; i++) {
        const char *word = ordinal_words[i].words;
        if (strcmp(ordinal_words[i].language, code) != 0) continue;
        for (int value = 3; *word; value++) {
            size_t size = strcspn(word, " ");
            add_text(b, word, size, SS_LEX_ORDINAL, value);
            add_ordinal_cases(b, code, word, size, value);
            word += size + (word[size] == ' ');
        }
    }
}

static void add_numbers(lexicon_builder *b, const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_SPELLOUT, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) return;
    /* a language without rules gets English ones from ICU: those would be wrong entries */
    const char *actual = unum_getLocaleByType(format, ULOC_ACTUAL_LOCALE, &status);
    UChar sets[2048];
    int32_t length = unum_getTextAttribute(format, UNUM_PUBLIC_RULESETS, sets,
                                           (int32_t)(sizeof sets / sizeof *sets), &status);
    bool known = U_SUCCESS(status) && length > 0 && actual && strcmp(actual, "root") != 0;
    UChar *name = sets;
    while (known && name < sets + length) {
        UChar *end = name;
        while (end < sets + length && *end != ';') end++;
        *end = 0;
        char plain[128];
        u_austrncpy(plain, name, (int32_t)sizeof plain - 1);
        plain[sizeof plain - 1] = '\0';
        if (strncmp(plain, "%spellout-cardinal", 18) == 0)
            add_rule_set(b, locale, format, name, SS_LEX_NUMBER);
        if (strncmp(plain, "%spellout-ordinal", 17) == 0)
            add_rule_set(b, locale, format, name, SS_LEX_ORDINAL);
        name = end + 1;
    }
    unum_close(format);
}

/* ---- Places ---------------------------------------------------------------------------------- */

enum { PEOPLE = 1000, CAPITAL = 2000, EUROPEAN_UNION = 900, UNITED_NATIONS = 901 };

/* The M.49 number of a territory; two unions have numbers of their own. 0: unknown. */
static int territory_number(const char *code)
{
    if (strcmp(code, "EU") == 0) return EUROPEAN_UNION;
    if (strcmp(code, "UN") == 0) return UNITED_NATIONS;
    UErrorCode status = U_ZERO_ERROR;
    const URegion *region = uregion_getRegionFromCode(code, &status);
    if (U_FAILURE(status)) return 0;
    int32_t number = uregion_getNumericCode(region);
    return number > 0 && number < 1000 ? number : 0;
}

/* "Myanmar (Burma)" is two names. */
static void add_with_other_name(lexicon_builder *b, const UChar *name, int32_t length, int value)
{
    int32_t open = 0;
    while (open < length && name[open] != '(' && name[open] != 0xFF08) open++;
    add_wide(b, name, open, SS_LEX_PLACE, value);
    if (open + 2 < length) add_wide(b, name + open + 1, length - open - 2, SS_LEX_PLACE, value);
}

static void add_territories(lexicon_builder *b, const char *locale)
{
    const char *const *codes = uloc_getISOCountries();
    static const char *const unions[] = {"EU", "UN", "XK", NULL};
    for (int list = 0; list < 2; list++) {
        for (const char *const *code = list ? unions : codes; *code; code++) {
            int number = territory_number(*code);
            if (!number) continue;
            char of[16];
            snprintf(of, sizeof of, "und_%.3s", *code);
            UChar name[NAME_MAX_UNITS];
            UErrorCode status = U_ZERO_ERROR;
            int32_t length = uloc_getDisplayCountry(of, locale, name, NAME_MAX_UNITS, &status);
            /* U_USING_DEFAULT_WARNING: the bare code came back */
            if (U_FAILURE(status) || status == U_USING_DEFAULT_WARNING) continue;
            add_with_other_name(b, name, length, number);
        }
    }
}

/* Languages whose name is the adjective of one country. */
static const char people_of[][2][4] = {
    {"de", "DE"}, {"fr", "FR"},  {"nl", "NL"}, {"it", "IT"}, {"es", "ES"}, {"pt", "PT"},
    {"pl", "PL"}, {"cs", "CZ"},  {"sk", "SK"}, {"sl", "SI"}, {"hr", "HR"}, {"sr", "RS"},
    {"bg", "BG"}, {"ro", "RO"},  {"hu", "HU"}, {"el", "GR"}, {"tr", "TR"}, {"ru", "RU"},
    {"uk", "UA"}, {"be", "BY"},  {"lt", "LT"}, {"lv", "LV"}, {"et", "EE"}, {"fi", "FI"},
    {"sv", "SE"}, {"nb", "NO"},  {"no", "NO"}, {"da", "DK"}, {"is", "IS"}, {"ga", "IE"},
    {"mt", "MT"}, {"sq", "AL"},  {"mk", "MK"}, {"hy", "AM"}, {"ka", "GE"}, {"az", "AZ"},
    {"kk", "KZ"}, {"uz", "UZ"},  {"mn", "MN"}, {"zh", "CN"}, {"ja", "JP"}, {"ko", "KR"},
    {"vi", "VN"}, {"th", "TH"},  {"lo", "LA"}, {"km", "KH"}, {"my", "MM"}, {"id", "ID"},
    {"ms", "MY"}, {"fil", "PH"}, {"ne", "NP"}, {"bn", "BD"}, {"he", "IL"}, {"so", "SO"},
};

static void add_people(lexicon_builder *b, const char *locale)
{
    for (size_t i = 0; i < sizeof people_of / sizeof *people_of; i++) {
        UChar name[NAME_MAX_UNITS];
        UErrorCode status = U_ZERO_ERROR;
        int32_t length =
            uloc_getDisplayLanguage(people_of[i][0], locale, name, NAME_MAX_UNITS, &status);
        int number = territory_number(people_of[i][1]);
        if (U_FAILURE(status) || status == U_USING_DEFAULT_WARNING || !number) continue;
        add_wide(b, name, length, SS_LEX_PLACE, PEOPLE + number);
        /* вьетнамский: вьетнамского is met by what is before the ending */
        int32_t stem = length - 2;
        bool one = true;
        for (int32_t k = 0; k < length; k++) one = one && u_isalpha(name[k]);
        if (one && stem >= 6 && name[0] >= 0x0400 && name[0] < 0x0530)
            add_wide(b, name, stem, SS_LEX_PLACE, PEOPLE + number);
    }
}

/* Time zones whose city is the capital. */
static const char *const zone_of[][2] = {
    {"DE", "Europe/Berlin"},       {"FR", "Europe/Paris"},
    {"GB", "Europe/London"},       {"NL", "Europe/Amsterdam"},
    {"BE", "Europe/Brussels"},     {"LU", "Europe/Luxembourg"},
    {"AT", "Europe/Vienna"},       {"IT", "Europe/Rome"},
    {"ES", "Europe/Madrid"},       {"PT", "Europe/Lisbon"},
    {"IE", "Europe/Dublin"},       {"DK", "Europe/Copenhagen"},
    {"SE", "Europe/Stockholm"},    {"NO", "Europe/Oslo"},
    {"FI", "Europe/Helsinki"},     {"IS", "Atlantic/Reykjavik"},
    {"EE", "Europe/Tallinn"},      {"LV", "Europe/Riga"},
    {"LT", "Europe/Vilnius"},      {"PL", "Europe/Warsaw"},
    {"CZ", "Europe/Prague"},       {"SK", "Europe/Bratislava"},
    {"HU", "Europe/Budapest"},     {"SI", "Europe/Ljubljana"},
    {"HR", "Europe/Zagreb"},       {"RS", "Europe/Belgrade"},
    {"BA", "Europe/Sarajevo"},     {"ME", "Europe/Podgorica"},
    {"MK", "Europe/Skopje"},       {"AL", "Europe/Tirane"},
    {"BG", "Europe/Sofia"},        {"RO", "Europe/Bucharest"},
    {"MD", "Europe/Chisinau"},     {"GR", "Europe/Athens"},
    {"CY", "Asia/Nicosia"},        {"MT", "Europe/Malta"},
    {"UA", "Europe/Kiev"},         {"BY", "Europe/Minsk"},
    {"RU", "Europe/Moscow"},       {"GE", "Asia/Tbilisi"},
    {"AM", "Asia/Yerevan"},        {"AZ", "Asia/Baku"},
    {"UZ", "Asia/Tashkent"},       {"TM", "Asia/Ashgabat"},
    {"KG", "Asia/Bishkek"},        {"TJ", "Asia/Dushanbe"},
    {"AF", "Asia/Kabul"},          {"IR", "Asia/Tehran"},
    {"IQ", "Asia/Baghdad"},        {"SY", "Asia/Damascus"},
    {"LB", "Asia/Beirut"},         {"JO", "Asia/Amman"},
    {"IL", "Asia/Jerusalem"},      {"SA", "Asia/Riyadh"},
    {"KW", "Asia/Kuwait"},         {"QA", "Asia/Qatar"},
    {"BH", "Asia/Bahrain"},        {"OM", "Asia/Muscat"},
    {"NP", "Asia/Katmandu"},       {"BD", "Asia/Dhaka"},
    {"LK", "Asia/Colombo"},        {"BT", "Asia/Thimphu"},
    {"TH", "Asia/Bangkok"},        {"LA", "Asia/Vientiane"},
    {"KH", "Asia/Phnom_Penh"},     {"MY", "Asia/Kuala_Lumpur"},
    {"SG", "Asia/Singapore"},      {"ID", "Asia/Jakarta"},
    {"BN", "Asia/Brunei"},         {"PH", "Asia/Manila"},
    {"TW", "Asia/Taipei"},         {"KR", "Asia/Seoul"},
    {"KP", "Asia/Pyongyang"},      {"JP", "Asia/Tokyo"},
    {"MN", "Asia/Ulaanbaatar"},    {"EG", "Africa/Cairo"},
    {"LY", "Africa/Tripoli"},      {"TN", "Africa/Tunis"},
    {"DZ", "Africa/Algiers"},      {"SD", "Africa/Khartoum"},
    {"SS", "Africa/Juba"},         {"ET", "Africa/Addis_Ababa"},
    {"ER", "Africa/Asmera"},       {"SO", "Africa/Mogadishu"},
    {"KE", "Africa/Nairobi"},      {"UG", "Africa/Kampala"},
    {"RW", "Africa/Kigali"},       {"CD", "Africa/Kinshasa"},
    {"CG", "Africa/Brazzaville"},  {"AO", "Africa/Luanda"},
    {"ZM", "Africa/Lusaka"},       {"ZW", "Africa/Harare"},
    {"MZ", "Africa/Maputo"},       {"NA", "Africa/Windhoek"},
    {"GH", "Africa/Accra"},        {"SN", "Africa/Dakar"},
    {"ML", "Africa/Bamako"},       {"NE", "Africa/Niamey"},
    {"BF", "Africa/Ouagadougou"},  {"TD", "Africa/Ndjamena"},
    {"MR", "Africa/Nouakchott"},   {"LR", "Africa/Monrovia"},
    {"CU", "America/Havana"},      {"MX", "America/Mexico_City"},
    {"GT", "America/Guatemala"},   {"CR", "America/Costa_Rica"},
    {"PA", "America/Panama"},      {"CO", "America/Bogota"},
    {"VE", "America/Caracas"},     {"PE", "America/Lima"},
    {"CL", "America/Santiago"},    {"AR", "America/Buenos_Aires"},
    {"UY", "America/Montevideo"},  {"PY", "America/Asuncion"},
    {"BO", "America/La_Paz"},      {"NI", "America/Managua"},
    {"SV", "America/El_Salvador"}, {"HN", "America/Tegucigalpa"},
    {"JM", "America/Jamaica"},     {"HT", "America/Port-au-Prince"},
    {"FJ", "Pacific/Fiji"},        {"PG", "Pacific/Port_Moresby"},
};

/* Capitals that no time zone is named after, in the scripts of the press. */
static const char *const capital_of[][2] = {
    {"VN", "Hanoi|Hà Nội|Hanoj|Ханой|Ханої|河内|河內|ハノイ|하노이|ฮานอย|هانوي|האנוי|हनोई|Ανόι"},
    {"US",
     "Washington|Waszyngton|Вашингтон|华盛顿|華盛頓|ワシントン|워싱턴|วอชิงตัน|واشنطن|וושינגטון|"
     "वॉशिंगटन|Ουάσιγκτον"},
    {"CN",
     "Beijing|Peking|Pékin|Pequim|Pekín|Pechino|Pekin|Bắc Kinh|Пекин|Пекін|北京|ペキン|베이징|"
     "ปักกิ่ง|بكين|בייג'ינג|बीजिंग|Πεκίνο"},
    {"IN", "New Delhi|Neu-Delhi|Delhi|Нью-Дели|Дели|新德里|ニューデリー|뉴델리|นิวเดลี|نيودلهي|नई "
           "दिल्ली|दिल्ली"},
    {"CA", "Ottawa|Оттава|渥太华|渥太華|オタワ|오타와|ออตตาวา|أوتاوا"},
    {"AU", "Canberra|Канберра|堪培拉|キャンベラ|캔버라|แคนเบอร์รา|كانبرا"},
    {"BR", "Brasília|Brasilia|Бразилиа|巴西利亚|ブラジリア|브라질리아|บราซิเลีย|برازيليا"},
    {"TR", "Ankara|Анкара|安卡拉|アンカラ|앙카라|อังการา|أنقرة|Άγκυρα"},
    {"CH", "Bern|Berne|Берн|伯尔尼|ベルン|베른"},
    {"PK", "Islamabad|Исламабад|伊斯兰堡|イスラマバード|이슬라마바드|إسلام آباد|اسلام آباد"},
    {"AE", "Abu Dhabi|Abou Dhabi|Абу-Даби|阿布扎比|アブダビ|아부다비|อาบูดาบี|أبوظبي|أبو ظبي"},
    {"NZ", "Wellington|Веллингтон|惠灵顿|ウェリントン|웰링턴"},
    {"ZA", "Pretoria|Претория|比勒陀利亚|プレトリア|프리토리아|بريتوريا"},
    {"NG", "Abuja|Абуджа|阿布贾|アブジャ|아부자|أبوجا"},
    {"MA", "Rabat|Рабат|拉巴特|ラバト|라바트|الرباط"},
    {"MM", "Naypyidaw|Naypyitaw|Нейпьидо|内比都|ネピドー|네피도|เนปยีดอ|نايبيداو"},
    {"KZ", "Astana|Астана|阿斯塔纳|アスタナ|아스타나|أستانا"},
    {"QA", "Doha|Доха|多哈|ドーハ|도하|โดฮา|الدوحة"},
    {"BH", "Manama|Манама|麦纳麦|マナーマ|마나마|المنامة"},
    {"YE", "Sanaa|Sana|Сана|萨那|サヌア|사나|صنعاء"},
    {"MT", "Valletta|La Valletta|Валлетта|瓦莱塔|バレッタ"},
    {"EC", "Quito|Кито|基多|キト|키토|كيتو"},
    {"NL", "The Hague|Den Haag|La Haye|La Haya|Гаага|海牙|ハーグ|헤이그|لاهاي"},
};

static void add_zone_cities(lexicon_builder *b, const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar pattern[4] = {'V', 'V', 'V', 0};
    UDateFormat *format =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, NULL, 0, pattern, 3, &status);
    if (U_FAILURE(status)) return;
    for (size_t i = 0; i < sizeof zone_of / sizeof *zone_of; i++) {
        UChar zone[64], city[NAME_MAX_UNITS];
        u_uastrncpy(zone, zone_of[i][1], 63);
        zone[63] = 0;
        status = U_ZERO_ERROR;
        UCalendar *calendar = ucal_open(zone, -1, locale, UCAL_GREGORIAN, &status);
        if (U_FAILURE(status)) continue;
        udat_setCalendar(format, calendar);
        int32_t length = udat_format(format, 0.0, city, NAME_MAX_UNITS, NULL, &status);
        int number = territory_number(zone_of[i][0]);
        if (U_SUCCESS(status) && number) add_wide(b, city, length, SS_LEX_PLACE, CAPITAL + number);
        ucal_close(calendar);
    }
    udat_close(format);
}

static void add_other_capitals(lexicon_builder *b)
{
    b->language = SS_LANGUAGE_UNKNOWN;
    for (size_t i = 0; i < sizeof capital_of / sizeof *capital_of; i++) {
        int number = territory_number(capital_of[i][0]);
        for (const char *name = capital_of[i][1]; number && *name;) {
            size_t size = strcspn(name, "|");
            add_text(b, name, size, SS_LEX_PLACE, CAPITAL + number);
            name += size + (name[size] == '|');
        }
    }
}

/* ---- Cities ---------------------------------------------------------------------------------- */

/* Cities and provinces that East Asia writes in ways of its own, and few other lists have. */
static const char *const far_cities[] = {
    "Ho Chi Minh City|Hồ Chí Minh|Thành phố Hồ Chí Minh|Ho-Chi-Minh-Stadt|Ho Chi Minhstad|"
    "胡志明市|ホーチミン|호찌민|호치민|Хошимин|Хошімін|โฮจิมินห์|هو تشي منه",
    "Da Nang|Đà Nẵng|Danang|岘港|峴港|ダナン|다낭|Дананг|ดานัง|دانانغ|دا نانغ",
    "Hai Phong|Hải Phòng|Haiphong|海防|ハイフォン|하이퐁|Хайфон|ไฮฟอง",
    "Hue|Huế|顺化|順化|フエ|후에|Хюэ",
    "Can Tho|Cần Thơ|芹苴|カントー|껀터|Кантхо",
    "Nha Trang|芽庄|芽莊|ニャチャン|냐짱|나트랑|Нячанг|ญาจาง",
    "Hoi An|Hội An|会安|會安|ホイアン|호이안|Хойан",
    "Ha Long|Hạ Long|Halong|下龙|下龍|ハロン|하롱|Халонг",
    "Quang Nam|Quảng Nam|广南|廣南|クアンナム|꽝남",
    "Quang Ninh|Quảng Ninh|广宁省|廣寧|クアンニン|꽝닌|Куангнинь",
    "Binh Duong|Bình Dương|平阳省|平陽|ビンズオン|빈즈엉",
    "Dong Nai|Đồng Nai|同奈|ドンナイ|동나이",
    "Bac Ninh|Bắc Ninh|北宁|北寧|バクニン|박닌",
    "Khanh Hoa|Khánh Hòa|庆和|慶和|カインホア|카인호아|칸호아",
    "Lam Dong|Lâm Đồng|林同|ラムドン|럼동",
    "Da Lat|Đà Lạt|Dalat|大叻|ダラット|달랏|Далат",
    "Phu Quoc|Phú Quốc|富国岛|富國|フーコック|푸꾸옥|Фукуок",
    "Vung Tau|Vũng Tàu|头顿|頭頓|ブンタウ|붕따우|Вунгтау",
    "Gia Lai|嘉莱|嘉萊|ザライ|자라이",
    "Dak Lak|Đắk Lắk|多乐|多樂|ダクラク|닥락|Даклак",
    "Lao Cai|Lào Cai|老街省|ラオカイ|라오까이",
    "Hong Kong|香港|홍콩|Гонконг|Хонконг|ฮ่องกง|هونغ كونغ|Hongkong|Hồng Kông",
    "Shanghai|上海|상하이|Шанхай|เซี่ยงไฮ้|شنغهاي|Thượng Hải|Sjanghai",
    "Hamburg|汉堡|漢堡|ハンブルク|함부르크|Гамбург|ฮัมบูร์ก|هامبورغ",
    "Munich|München|Monaco di Baviera|慕尼黑|ミュンヘン|뮌헨|Мюнхен|มิวนิก|ميونخ|ميونيخ",
    "Cologne|Köln|Keulen|Colonia|Kolonia|科隆|ケルン|쾰른|Кёльн|Кельн|كولونيا",
    "Frankfurt|法兰克福|法蘭克福|フランクフルト|프랑크푸르트|Франкфурт|แฟรงก์เฟิร์ต|فرانكفورت",
    "Geneva|Genf|Genève|Ginebra|Ginevra|Genebra|Cenevre|Jenewa|Genewa|Ženeva|Женева|日内瓦|日內瓦|"
    "ジュネーブ|제네바|เจนีวา|جنيف|Geneve|Genf|Giơ-ne-vơ|Gjeneva",
    "Davos|达沃斯|達沃斯|ダボス|다보스|Давос|ดาวอส|دافوس",
};

static int city_known_as(const lexicon_builder *b, size_t first, const char *name, size_t size)
{
    char folded[512];
    size_t length = ss_fold(b->normalizer, name, size, folded, sizeof folded);
    uint64_t hash = length ? ss_folded_hash(folded, length) : 0;
    for (size_t i = first; i < b->count; i++)
        if (b->items[i].hash == hash && b->items[i].kind == SS_LEX_CITY) return b->items[i].value;
    return 0;
}

static void add_far_cities(lexicon_builder *b, size_t first)
{
    enum { FIRST_NUMBER = 31000 };
    b->language = SS_LANGUAGE_UNKNOWN;
    for (size_t i = 0; i < sizeof far_cities / sizeof *far_cities; i++) {
        int city = 0;
        for (int round = 0; round < 2; round++)
            for (const char *name = far_cities[i]; *name;) {
                size_t size = strcspn(name, "|");
                if (round)
                    add_text(b, name, size, SS_LEX_CITY, city ? city : FIRST_NUMBER + (int)i);
                else if (!city)
                    city = city_known_as(b, first, name, size);
                name += size + (name[size] == '|');
            }
    }
}

static bool names_a_state(const lexicon_builder *b, size_t count, const char *name)
{
    char folded[512];
    size_t length = ss_fold(b->normalizer, name, strlen(name), folded, sizeof folded);
    uint64_t hash = length ? ss_folded_hash(folded, length) : 0;
    for (size_t i = 0; i < count; i++)
        if (b->items[i].hash == hash && b->items[i].kind == SS_LEX_PLACE) return true;
    return false;
}

static uint8_t own_language(const ss_language_entry *languages, size_t count, const city_name *c)
{
    for (size_t i = 0; i < count && i < SS_LANGUAGES_MAX; i++)
        if (strncmp(languages[i].code, c->language, sizeof languages[i].code) == 0)
            return (uint8_t)i;
    return SS_LANGUAGE_UNKNOWN;
}

/* English names and those in long Latin words hold in every language: a city keeps its name where
 * it has no other. */
static uint8_t language_of_name(const ss_language_entry *languages, size_t count,
                                const city_name *c)
{
    bool latin = strlen(c->name) >= 5;
    for (const char *at = c->name; *at; at++)
        latin = latin && ((unsigned char)*at < 0x80 || ((unsigned char)*at & 0xFC) == 0xC0 ||
                          ((unsigned char)*at & 0xC0) == 0x80 || (unsigned char)*at <= 0xC9);
    if (latin || strcmp(c->language, "en") == 0) return SS_LANGUAGE_UNKNOWN;
    return own_language(languages, count, c);
}

/* Женев-: what stays of a city's name in every case. */
static void add_city_stem(lexicon_builder *b, const char *name, int city)
{
    char folded[512];
    size_t size = ss_fold(b->normalizer, name, strlen(name), folded, sizeof folded);
    if (memchr(folded, ' ', size) || code_points(folded, size) < 6) return;
    do size--;
    while (size && ((unsigned char)folded[size] & 0xC0) == 0x80);
    add_entry(b, folded, size, SS_LEX_CITY, city);
}

static void add_cities(lexicon_builder *b, const ss_language_entry *languages, size_t count,
                       const city_names *cities)
{
    static const char endings[] = "pl cs sk sl hr sr ru uk bg mk lt lv et fi hu tr el ro is";
    size_t first = b->count;
    int state = 0; /* a place that is known as a country or a capital already */
    for (size_t i = 0; cities && i < cities->count; i++) {
        const city_name *c = &cities->items[i];
        bool begins = i == 0 || c->city != c[-1].city;
        if (begins && names_a_state(b, first, c->name)) state = c->city;
        if (c->city == state) continue;
        b->language = language_of_name(languages, count, c);
        add_text(b, c->name, strlen(c->name), SS_LEX_CITY, c->city);
        if (!strstr(endings, c->language)) continue;
        b->language = own_language(languages, count, c);
        add_city_stem(b, c->name, c->city);
    }
    add_far_cities(b, first);
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* Locales beside the language's own whose names are read in it. */
static const char *const more_locales[][2] = {
    {"ar", "ar_SY"},   {"ar", "ar_MA"}, {"ar", "ar_DZ"}, {"ar", "ar_TN"},   {"de", "de_AT"},
    {"zh", "zh_Hant"}, {"pt", "pt_PT"}, {"es", "es_MX"}, {"en", "en_GB"},   {"sh", "sr_Latn"},
    {"sh", "hr"},      {"sh", "bs"},    {"sh", "sr"},    {"sr", "sr_Latn"}, {"hr", "bs"},
    {"no", "nb"},      {"no", "nn"},    {"nb", "nn"},    {"tl", "fil"},     {"ms", "id"},
};

static void add_locale(lexicon_builder *b, const char *locale)
{
    add_calendar(b, locale);
    add_numbers(b, locale);
    add_territories(b, locale);
    add_people(b, locale);
    add_zone_cities(b, locale);
}

static int by_hash(const void *left, const void *right)
{
    const ss_lexicon_entry *a = left, *b = right;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->language != b->language) return a->language < b->language ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

/* Each entry once. Of a month whose short form means two months of one language, none. Of a place
 * with two meanings the first: the country before its people before its capital. */
static size_t drop_doubles(ss_lexicon_entry *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && items[end].hash == items[i].hash &&
               items[end].kind == items[i].kind && items[end].language == items[i].language)
            end++;
        bool clash = items[i].value != items[end - 1].value;
        if (!clash || items[i].kind == SS_LEX_PLACE || items[i].kind == SS_LEX_CITY)
            items[kept++] = items[i];
        i = end;
    }
    return kept;
}

samestory_status ss_build_lexicon(const ss_normalizer *normalizer,
                                  const ss_language_entry *languages, size_t language_count,
                                  const city_names *cities, void **out, size_t *size,
                                  samestory_error *error)
{
    lexicon_builder b = {.normalizer = normalizer};
    for (size_t i = 0; i < language_count && i < SS_LANGUAGES_MAX; i++) {
        b.language = (uint8_t)i;
        char code[sizeof languages[i].code + 1] = "";
        memcpy(code, languages[i].code, sizeof languages[i].code);
        add_locale(&b, code);
        add_weekday_cases(&b, code);
        add_ordinal_words(&b, code);
        for (size_t k = 0; k < sizeof more_locales / sizeof *more_locales; k++)
            if (strcmp(code, more_locales[k][0]) == 0) add_locale(&b, more_locales[k][1]);
    }
    add_other_capitals(&b);
    add_cities(&b, languages, language_count, cities);
    ss_words_free(&b.words);
    if (b.out_of_memory || b.count == 0) {
        free(b.items);
        return b.out_of_memory ? ss_fail_memory(error)
                               : ss_fail(error, SAMESTORY_INPUT_FAILED,
                                         "ICU gave no names: install ICU's full data");
    }
    qsort(b.items, b.count, sizeof *b.items, by_hash);
    b.count = drop_doubles(b.items, b.count);
    size_t bytes = 16 + b.count * sizeof *b.items;
    unsigned char *section = calloc(1, bytes);
    if (section) {
        uint32_t n = (uint32_t)b.count;
        memcpy(section, &n, sizeof n);
        memcpy(section + 16, b.items, b.count * sizeof *b.items);
        *out = section;
        *size = bytes;
    }
    free(b.items);
    return section ? SAMESTORY_OK : ss_fail_memory(error);
}
