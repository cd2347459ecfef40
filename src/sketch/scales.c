/* Stage anchors, what stands around a number: scale words ("Mio.", "triệu", "lakh", "億") and percent.
 *
 * Words are looked up folded, in a table ordered by bytes; units of scripts that write them against
 * the digits are read from the text itself. */
#include "sketch/finder.h"

#include <string.h>

/* clang-format off */
/* A "billion" is a million millions in most of Europe. */
static const ss_scale scales[] = {
    {"b", 9, "en"}, {"bi", 9, "pt"}, {"bilhao", 9, "pt"}, {"bilhoes", 9, "pt"},
    {"biliao", 12, "pt"}, {"bilijon*", 12, "pl cs sk ro it sl hr sh sr"},
    {"bilijun*", 12, "pl cs sk ro it sl hr sh sr"}, {"bilioes", 12, "pt"}, {"bilion", 9, "ms"},
    {"bilion*", 12, "pl cs sk ro it sl hr sh sr"}, {"biljoen", 12, "nl"}, {"biljon*", 12, "sv"},
    {"biljoon*", 12, "fi"}, {"billio*", 12, "de fr da nb no nn hu"},
    {"billion*", 12, "de fr da nb no nn hu"}, {"billion*", 9, "en"}, {"billon", 12, "es"},
    {"billones", 12, "es"}, {"bilyon*", 9, "fil tl"}, {"bin", 3, "tr az"}, {"bn", 9, "en"},
    {"chuc", 1, "vi"}, {"crore*", 7, NULL}, {"duizend*", 3, NULL}, {"ezer*", 3, "hu"},
    {"hiljad*", 3, NULL}, {"hundred", 2, "en"}, {"jt", 6, "id ms"}, {"juta", 6, NULL},
    {"k", 3, NULL}, {"lac", 5, "en"}, {"lacs", 5, "en"}, {"lakh*", 5, NULL},
    {"libo", 3, "fil tl"}, {"libong", 3, "fil tl"}, {"m", 6, "en"}, {"md", 9, "fr"},
    {"mds", 9, "fr"}, {"mi", 6, "pt"}, {"mia", 9, "da nb no nn"}, {"mie", 3, "ro"},
    {"mii", 3, "ro"}, {"mil", 6, "en"}, {"mil", 3, "es pt ca gl it"}, {"mila", 3, "it"},
    {"mila", 3, "eu"}, {"milers", 3, NULL}, {"milhao", 6, NULL}, {"milhar*", 3, NULL},
    {"milhoes", 6, NULL}, {"miliar", 9, NULL}, {"miliard*", 9, NULL}, {"milijard*", 9, NULL},
    {"milijon*", 6, NULL}, {"milijun*", 6, NULL}, {"milio", 6, NULL}, {"milioi*", 6, NULL},
    {"milion*", 6, NULL}, {"milions", 6, NULL}, {"miljard*", 9, NULL}, {"miljoen*", 6, NULL},
    {"miljon*", 6, NULL}, {"miljoon*", 6, NULL}, {"mill", 6, "da nb no nn es"},
    {"millar*", 3, NULL}, {"millard*", 9, NULL}, {"mille", 3, "fr it"}, {"milliard*", 9, NULL},
    {"milliers", 3, "fr"}, {"millio", 6, NULL}, {"million", 6, NULL}, {"million*", 6, NULL},
    {"millioner", 6, NULL}, {"milljard*", 9, NULL}, {"milljon*", 6, NULL}, {"millon", 6, NULL},
    {"millones", 6, NULL}, {"millor*", 6, NULL}, {"milyar*", 9, NULL}, {"milyon*", 6, NULL},
    {"mio", 6, NULL}, {"mld", 9, NULL}, {"mln", 6, NULL}, {"mlrd", 9, NULL}, {"mn", 6, "en"},
    {"mrd", 9, NULL}, {"ngan", 3, "vi"}, {"nghin", 3, NULL}, {"rb", 3, "id ms"},
    {"ribu", 3, NULL}, {"tausend*", 3, NULL}, {"thousand*", 3, NULL}, {"ti", 9, "vi"},
    {"tisic*", 3, NULL}, {"tisoc*", 3, NULL}, {"tisuc*", 3, NULL}, {"tn", 12, "en"},
    {"tr", 6, "vi"}, {"tram", 2, "vi"}, {"trieu", 6, NULL}, {"trilhao", 12, "pt"},
    {"trilhoes", 12, "pt"}, {"trilion", 12, "ms"}, {"triliun", 12, "id"},
    {"trillion*", 12, "en"}, {"trilyon*", 12, "fil tl"}, {"trilyon*", 12, "tr az"},
    {"trn", 12, "en"}, {"tsd", 3, "de nl sv da nb no"}, {"tuhan*", 3, NULL},
    {"tuhat*", 3, NULL}, {"tukst*", 3, NULL}, {"tusen", 3, NULL}, {"tusind*", 3, NULL},
    {"ty", 9, "vi"}, {"tys", 3, NULL}, {"tysiac*", 3, NULL}, {"tysiec*", 3, NULL},
    {"þusund*", 3, NULL}, {"δισ", 9, NULL}, {"δισεκατομμυρι*", 9, NULL}, {"εκατ", 6, NULL},
    {"εκατομμυρι*", 6, NULL}, {"τρισ", 12, NULL}, {"τρισεκατομμυρι*", 12, NULL},
    {"χιλ", 3, NULL}, {"χιλιαδ*", 3, NULL}, {"илјад*", 3, NULL}, {"милиард*", 9, NULL},
    {"милион*", 6, NULL}, {"милијард*", 9, NULL}, {"милијун*", 6, NULL}, {"миллиард*", 9, NULL},
    {"миллион*", 6, NULL}, {"млн", 6, NULL}, {"млрд", 9, NULL}, {"мільион*", 6, NULL},
    {"мільярд*", 9, NULL}, {"тис", 3, NULL}, {"тисяч*", 3, NULL}, {"трилион*", 12, NULL},
    {"триллион*", 12, NULL}, {"трильион*", 12, NULL}, {"трлн", 12, NULL}, {"тыс", 3, NULL},
    {"тысяч*", 3, NULL}, {"хил", 3, NULL}, {"хиляд*", 3, NULL}, {"хиљад*", 3, NULL},
    {"אלף", 3, NULL}, {"אלפי", 3, NULL}, {"אלפים", 3, NULL}, {"טריליון*", 12, NULL},
    {"מיליארד*", 9, NULL}, {"מיליון", 6, NULL}, {"מיליוני", 6, NULL}, {"מליון", 6, NULL},
    {"ارب", 9, "ur"}, {"الاف", 3, NULL}, {"الالاف", 3, NULL}, {"الف", 3, NULL},
    {"تريليون*", 12, NULL}, {"كروڑ", 7, NULL}, {"لاكھ", 5, NULL}, {"ملايين", 6, NULL},
    {"مليار*", 9, NULL}, {"مليارات", 9, NULL}, {"ملين", 6, NULL}, {"مليون*", 6, NULL},
    {"ميليارد", 9, NULL}, {"ميليون", 6, NULL}, {"هزار", 3, NULL}, {"अरब", 9, "hi"},
    {"करोड़", 7, NULL}, {"ट्रिलियन", 12, NULL}, {"बिलियन", 9, "hi"}, {"मिलियन", 6, NULL},
    {"लाख", 5, NULL}, {"हज़ार", 3, NULL}, {"हजार", 3, NULL}, {"কোটি", 7, NULL},
    {"ট্রিলিয়ন", 12, NULL}, {"বিলিয়ন", 9, "bn"}, {"মিলিয়ন", 6, NULL}, {"লক্ষ", 5, NULL},
    {"লাখ", 5, NULL}, {"হাজার", 3, NULL}, {"ஆயிர*", 3, NULL}, {"கோடி", 7, NULL},
    {"மில்லியன்*", 6, NULL}, {"லட்ச*", 5, NULL}, {"พัน", 3, NULL}, {"ล้าน", 6, NULL},
    {"หมื่น", 4, NULL}, {"แสน", 5, NULL}, {"万", 4, NULL}, {"亿", 8, NULL}, {"億", 8, NULL},
    {"兆", 12, NULL}, {"十亿", 9, "ja zh"}, {"十億", 9, "ja zh"}, {"千", 3, NULL}, {"百", 2, "zh ja"},
    {"萬", 4, NULL}, {"만", 4, NULL}, {"백", 2, NULL}, {"십백", 2, NULL}, {"억", 8, NULL},
    {"조", 12, NULL}, {"천", 3, NULL},
};

/* Beginnings of words that mean percent; those of four letters and less are the whole word. */
static const char *const percents[] = {
    "ehuneko", "odstotk", "pct", "peratus", "percent", "percento", "persen", "porcento",
    "porsiyento", "posto", "pourcent", "pourcents", "proc", "procent", "prosen", "prosent",
    "protsent", "prozent", "szazalek", "відсот", "одсто", "отсто", "посто", "проценат",
    "процент", "אחוז", "بالمايه", "بالميه", "درصد", "فيصد", "प्रतिशत", "फ़ीसदी", "फीसदी",
    "শতাংশ", "சதவிகித", "சதவீத", "เปอร์เซ็นต์", "パーセント", "ポイント", "个百分点", "百分点", "퍼센트", NULL};
static const char *const percent_pairs[] = {
    "la suta", "per cen", "per cent", "per cento", "phan tram", "po sto", "por cento",
    "por ciento", "pour cent", "τοισ εκατο", "на сто", "по сто", "في المايه", "في الميه", NULL};
/* clang-format on */

const ss_scale *ss_scales(size_t *count)
{
    *count = sizeof scales / sizeof *scales;
    return scales;
}

/* ---- Scale ----------------------------------------------------------------------------------- */

/* Does the entry stand for the word? */
static bool is_scale(const ss_scale *s, const char *word, size_t size)
{
    if (size > 1 && s->word[1] != word[1] && s->word[1] != '*') return false;
    size_t length = strlen(s->word);
    if (s->word[length - 1] != '*') return length == size && memcmp(s->word, word, size) == 0;
    length--;
    if (size < length || memcmp(s->word, word, length) != 0) return false;
    size_t more = 0;
    for (size_t i = length; i < size; i++) more += ((unsigned char)word[i] & 0xC0) != 0x80;
    return more <= 3;
}

/* The exponent of a folded word in the document's language, or 0. */
int ss_scale_of(const ss_finder *f, const char *word, size_t size)
{
    size_t low = 0, high = sizeof scales / sizeof *scales;
    if (size == 0) return 0;
    while (low < high) { /* the first entry with the word's first byte or a larger one */
        size_t middle = (low + high) / 2;
        if ((unsigned char)scales[middle].word[0] < (unsigned char)word[0])
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < sizeof scales / sizeof *scales && scales[low].word[0] == word[0]; low++)
        if (is_scale(&scales[low], word, size) &&
            (!scales[low].languages || ss_language_among(f, scales[low].languages)))
            return scales[low].exponent;
    return 0;
}

/* Units of scripts that write them against the digits and go on after them. */
int ss_unit_at(const ss_finder *f, size_t *at)
{
    static const struct {
        const char *text;
        int exponent;
    } units[] = {{"万", 4},  {"萬", 4},  {"만", 4},  {"亿", 8}, {"億", 8}, {"억", 8},
                 {"兆", 12}, {"조", 12}, {"千", 3},  {"천", 3}, {"百", 2}, {"백", 2},
                 {"ล้าน", 6}, {"แสน", 5}, {"หมื่น", 4}, {"พัน", 3}};
    if (*at >= f->size || (unsigned char)f->text[*at] < 0xE0) return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ss_accept(f, at, units[i].text)) return units[i].exponent;
    return 0;
}

int ss_scale_after(const ss_finder *f, size_t i, size_t *at)
{
    int exponent = 0;
    for (unsigned n = 0; n < 3; n++) {
        size_t next = *at;
        ss_skip_spaces(f, &next);
        if (n == 0 && next < f->size && f->text[next] == '-') next++; /* 5-million */
        size_t word = ss_word_beginning(f, i, next);
        if (word == f->words->count || f->words->items[word].digits) break;
        const ss_word *w = &f->words->items[word];
        bool letter = w->folded_size == 1; /* m, k, b must stand against the digits */
        int unit = letter ? 0 : ss_scale_of(f, w->folded, w->folded_size);
        if (!unit || (n > 0 && exponent > 5)) break;
        exponent += unit;
        *at = w->end;
    }
    return exponent;
}

/* ---- What stands around the digits ----------------------------------------------------------- */

static bool starts_with(const char *word, size_t size, const char *what)
{
    size_t length = strlen(what);
    return size >= length && memcmp(word, what, length) == 0;
}

bool ss_percent_after(const ss_finder *f, size_t i, size_t *at)
{
    size_t next = *at;
    ss_skip_spaces(f, &next);
    if (ss_accept(f, &next, "%") || ss_accept(f, &next, "٪") || ss_accept(f, &next, "％")) {
        *at = next;
        return true;
    }
    if (next < f->size && f->text[next] == '-') next++; /* 5-prozentig */
    size_t word = ss_word_beginning(f, i, next);
    if (word == f->words->count) return false;
    const ss_word *w = &f->words->items[word];
    char first = w->folded_size ? *w->folded : '\0';
    for (const char *const *p = percents; *p; p++)
        if (**p == first && starts_with(w->folded, w->folded_size, *p) &&
            (strlen(*p) > 4 || strlen(*p) == w->folded_size)) {
            *at = w->run ? w->start + strlen(*p) : w->end;
            if (*at > w->end) *at = w->end;
            return true;
        }
    char pair[64];
    const ss_word *second = w + 1;
    if (word + 1 >= f->words->count || w->folded_size + second->folded_size + 2u > sizeof pair)
        return false;
    memcpy(pair, w->folded, w->folded_size);
    pair[w->folded_size] = ' ';
    memcpy(pair + w->folded_size + 1, second->folded, second->folded_size);
    size_t size = w->folded_size + 1u + second->folded_size;
    for (const char *const *p = percent_pairs; *p; p++)
        if (**p == *pair && strlen(*p) == size && memcmp(*p, pair, size) == 0) {
            *at = second->end;
            return true;
        }
    return false;
}

static bool ends_with(const ss_finder *f, size_t at, const char *what)
{
    size_t size = strlen(what);
    while (at > 0 && f->text[at - 1] == ' ') at--;
    return at >= size && memcmp(f->text + at - size, what, size) == 0;
}

bool ss_percent_before(const ss_finder *f, size_t i, size_t start)
{
    if (start && f->text[start - 1] == '%') return true;
    return ends_with(f, start, "ร้อยละ") || ends_with(f, start, "百分之") ||
           (i > 0 && ss_word_among(f, i - 1, "yuzde"));
}
