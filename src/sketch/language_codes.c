/* Language codes: what records and corpora call a language, to the code that the model lists.
 * Sources: ISO 639-1/2/3; the sets' habits (no/nb/nn, hr/bs/sr/sh, tl/fil, iw/he, in/id). */
#include "sketch/model.h"

#include <string.h>

static const char *const aliases[][2] = {
    {"nb", "no"},      {"nn", "no"},     {"nob", "no"},    {"nno", "no"},    {"nor", "no"},
    {"bs", "hr"},      {"bos", "hr"},    {"hrv", "hr"},    {"srp", "sr"},    {"sh", "hr"},
    {"hbs", "hr"},     {"scr", "hr"},    {"cnr", "sr"},    {"fil", "tl"},    {"tgl", "tl"},
    {"iw", "he"},      {"heb", "he"},    {"in", "id"},     {"ind", "id"},    {"zho", "zh"},
    {"chi", "zh"},     {"cmn", "zh"},    {"yue", "zh"},    {"wuu", "zh"},    {"eng", "en"},
    {"deu", "de"},     {"ger", "de"},    {"gsw", "de"},    {"vie", "vi"},    {"nld", "nl"},
    {"dut", "nl"},     {"fra", "fr"},    {"fre", "fr"},    {"spa", "es"},    {"ita", "it"},
    {"por", "pt"},     {"rus", "ru"},    {"jpn", "ja"},    {"kor", "ko"},    {"ara", "ar"},
    {"arb", "ar"},     {"arz", "ar"},    {"tur", "tr"},    {"pol", "pl"},    {"tha", "th"},
    {"hin", "hi"},     {"ben", "bn"},    {"bul", "bg"},    {"cat", "ca"},    {"ces", "cs"},
    {"cze", "cs"},     {"dan", "da"},    {"ell", "el"},    {"gre", "el"},    {"est", "et"},
    {"ekk", "et"},     {"fas", "fa"},    {"per", "fa"},    {"pes", "fa"},    {"fin", "fi"},
    {"hun", "hu"},     {"isl", "is"},    {"ice", "is"},    {"lit", "lt"},    {"lav", "lv"},
    {"lvs", "lv"},     {"mkd", "mk"},    {"mac", "mk"},    {"msa", "ms"},    {"may", "ms"},
    {"zsm", "ms"},     {"ron", "ro"},    {"rum", "ro"},    {"mo", "ro"},     {"slk", "sk"},
    {"slo", "sk"},     {"slv", "sl"},    {"swe", "sv"},    {"swa", "sw"},    {"swh", "sw"},
    {"tam", "ta"},     {"ukr", "uk"},    {"urd", "ur"},
};

static unsigned listed(const samestory_model *m, const char *code)
{
    for (unsigned i = 0; i < m->languages; i++)
        if (!strcmp(m->language[i].code, code)) return i;
    return SS_LANGUAGE_UNKNOWN;
}

unsigned ss_model_language(const samestory_model *m, const char *code, size_t size)
{
    char name[4];
    size_t length = 0;
    for (; length < size; length++) {
        char c = code[length];
        if (c == '-' || c == '_' || c == '.' || c == '@') break;
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (length >= 3 || c < 'a' || c > 'z') return SS_LANGUAGE_UNKNOWN;
        name[length] = c;
    }
    if (length < 2) return SS_LANGUAGE_UNKNOWN;
    name[length] = 0;
    unsigned found = listed(m, name);
    for (size_t i = 0; found == SS_LANGUAGE_UNKNOWN && i < sizeof aliases / sizeof *aliases; i++)
        if (!strcmp(aliases[i][0], name)) found = listed(m, aliases[i][1]);
    return found;
}
