/* Stage anchors, names. Comes in: the words. Goes out: names, pairs of names, consonant skeletons.
 *
 * A name is a word that is rare in the document's language and in English. Across scripts it is met
 * by its skeleton. What the lexicon knows as a country, a people or a capital is the same thing in
 * all languages. */
#include "sketch/finder.h"
#include "sketch/known.h"

#include <string.h>
#include <xxhash.h>

enum { NONE = -1 };

static const double COMMON = 4.2;  /* Zipf frequency from which a word is no name */
static const double UNKNOWN = 1.2; /* the model's lists end at 2.2; rarer is not told apart */
/* What a pair of words has beyond one of skeletons, whose parts are told by their sound alone. */
static const double WRITTEN_BONUS = 0.7;
static const double PART_OF_PAIR = 0.4; /* rarity of a word without capital that may be in a name */
static const double PLACE_WEIGHT = 1.0, CITY_WEIGHT = 1.2;
/* At most, of a rare word that no capital makes a name; where the script has no capitals, as in Georgian. */
static const double UNTOLD_WEIGHT = 0.3, CASELESS_WEIGHT = 0.8;
/* A skeleton of three classes is one of a rare word only, one of four that of many a known name. */
static const double RARE = 0.4, LESS_RARE = 0.1;
static const double OTHER_READING = 0.7;  /* of a skeleton */
/* From here on a capital makes a name, and from here on at the start of a sentence as well. */
static const double SURE_WEIGHT = 1.6, SURE_START_WEIGHT = 2.9;
static const double UNHEARD_WEIGHT = 1.8; /* of a capital in a language whose words aren't known */

/* ---- Adding ---------------------------------------------------------------------------------- */

/* Three classes meet by chance, five hardly ever. */
static double skeleton_trust(size_t classes)
{
    return classes < 4 ? 0.5 : classes == 4 ? 0.85 : 1.0;
}

/* The skeleton of a form: how many classes, and the keys of all of them and of all but the last. */
typedef struct skeleton {
    size_t classes;
    uint32_t key[2];
} skeleton;

static skeleton skeleton_of(const ss_finder *f, const char *form, size_t size, ss_script script,
                            unsigned other)
{
    char classes[SS_SKELETON_MAX];
    skeleton s = {.classes =
                      ss_name_skeleton(f->model, form, size, script, f->reading | other, classes)};
    if (s.classes == 0) return s;
    s.key[0] = (uint32_t)XXH3_64bits(classes, s.classes);
    s.key[1] = (uint32_t)XXH3_64bits(classes, s.classes - 1);
    return s;
}

static void add_skeleton(ss_finder *f, ss_place place, const skeleton *s, double weight,
                         const char *shown, size_t shown_size, bool inflected)
{
    if (s->classes < (weight < RARE ? 4u : 3u)) return;
    ss_add_anchor(f, SS_ANCHOR_SKELETON, s->key[0], weight * skeleton_trust(s->classes),
                  SS_ANCHOR_CAPITAL, place, shown, shown_size);
    if (inflected && s->classes >= 4 && weight >= RARE)
        ss_add_anchor(f, SS_ANCHOR_SKELETON, s->key[1],
                      0.7 * weight * skeleton_trust(s->classes - 1), SS_ANCHOR_CAPITAL, place,
                      shown, shown_size);
}

/* The skeleton of the other reading of a form whose letters leave one open. */
static void add_other_reading(ss_finder *f, ss_place place, const skeleton *s, const char *form,
                              size_t size, ss_script script, double weight, const char *shown,
                              size_t shown_size)
{
    skeleton other = skeleton_of(f, form, size, script, SS_READ_OTHER);
    if (other.classes && other.key[0] != s->key[0])
        add_skeleton(f, place, &other, OTHER_READING * weight, shown, shown_size, false);
}

void ss_add_skeleton(ss_finder *f, ss_place place, const char *form, size_t size, ss_script script,
                     double weight, const char *shown, size_t shown_size, bool inflected)
{
    skeleton s = skeleton_of(f, form, size, script, 0);
    add_skeleton(f, place, &s, weight, shown, shown_size, inflected);
    if (ss_skeleton_is_open(form, size, script))
        add_other_reading(f, place, &s, form, size, script, weight, shown, shown_size);
}

/* The skeleton of a whole word, which is found out once. */
static skeleton skeleton_of_word(const ss_finder *f, const ss_word *w)
{
    bool accents = w->script == SS_SCRIPT_LATIN;
    ss_known *known = f->reading ? NULL : w->known; /* which forgets what a language makes of it */
    if (known && known->has & SS_KNOWS_SKELETON)
        return (skeleton){known->classes, {known->skeleton[0], known->skeleton[1]}};
    skeleton s = skeleton_of(f, accents ? w->form : w->folded,
                             accents ? w->form_size : w->folded_size, (ss_script)w->script, 0);
    if (known) {
        known->classes = (uint8_t)s.classes;
        known->skeleton[0] = s.key[0];
        known->skeleton[1] = s.key[1];
        known->open =
            ss_skeleton_is_open(accents ? w->form : w->folded,
                                accents ? w->form_size : w->folded_size, (ss_script)w->script);
        known->has |= SS_KNOWS_SKELETON;
    }
    return s;
}

uint32_t ss_name_key(const char *latin, size_t size)
{
    return (uint32_t)XXH3_64bits(latin, size);
}

uint32_t ss_city_key(int city)
{
    int32_t number = city;
    return (uint32_t)XXH3_64bits_withSeed(&number, sizeof number, 2);
}

double ss_rarity(double zipf)
{
    double weight = COMMON - (zipf > UNKNOWN ? zipf : UNKNOWN);
    return weight > 0 ? weight : 0;
}

void ss_add_place_key(ss_finder *f, ss_place where, int value, const char *text, size_t size)
{
    int32_t place =
        value >= 1000 && value < 2000 ? value - 1000 : value; /* a people: its country */
    ss_add_anchor(f, SS_ANCHOR_NAME, (uint32_t)XXH3_64bits_withSeed(&place, sizeof place, 1),
                  PLACE_WEIGHT, SS_ANCHOR_KNOWN | SS_ANCHOR_CAPITAL, where, text, size);
}

static void add_place(ss_finder *f, size_t i, size_t count, int value)
{
    const ss_word *w = &f->words->items[i];
    char text[SS_LATIN_MAX];
    size_t size = ss_name_form(f->model, w->folded, w->folded_size, text);
    for (size_t k = 1; k < count && size + 1 < SS_LATIN_MAX / 2; k++) {
        char more[SS_LATIN_MAX];
        size_t length = ss_name_form(f->model, w[k].folded, w[k].folded_size, more);
        if (size + 1 + length > sizeof text) break;
        text[size++] = ' ';
        memcpy(text + size, more, length);
        size += length;
    }
    ss_add_place_key(f, ss_place_of_words(f, i, i + count - 1), value, text, size);
}

/* ---- Spaced words ---------------------------------------------------------------------------- */

/* Prefixes that scripts write against the word: "and", "in", "the", ... Returns the bytes to take
 * off, or 0. */
static size_t prefix_of(const ss_finder *f, const ss_word *w)
{
    static const char *const arabic[] = {"وال", "بال", "كال", "فال", "لل", "ال",
                                         "و",   "ب",   "ل",   "ف",   "ك"};
    static const char *const hebrew[] = {"וה", "שה", "ה", "ו", "ב", "ל", "מ", "ש", "כ"};
    bool is_arabic = w->script == SS_SCRIPT_ARABIC;
    if (!is_arabic && w->script != SS_SCRIPT_HEBREW) return 0;
    if (f->reading & SS_READ_PERSIAN) return 0; /* which writes them apart, or has none */
    const char *const *list = is_arabic ? arabic : hebrew;
    size_t count = is_arabic ? sizeof arabic / sizeof *arabic : sizeof hebrew / sizeof *hebrew;
    for (size_t k = 0; k < count; k++) {
        size_t size = strlen(list[k]);
        if (w->folded_size >= size + 6 && memcmp(w->folded, list[k], size) == 0) return size;
    }
    return 0;
}

/* Korean particles, longest first: bytes to take off the end, or 0. */
static size_t particle_of(const ss_word *w)
{
    static const char *const particles[] = {
        "에서는", "으로", "에서", "에게", "까지", "부터", "이라", "은", "는", "이", "가",
        "을",     "를",   "의",   "에",   "로",   "와",   "과",   "도", "만", "씨"};
    if (w->script != SS_SCRIPT_HANGUL) return 0;
    for (size_t k = 0; k < sizeof particles / sizeof *particles; k++) {
        size_t size = strlen(particles[k]);
        if (w->folded_size >= size + 6 &&
            memcmp(w->folded + w->folded_size - size, particles[k], size) == 0)
            return size;
    }
    return 0;
}

/* A word without what is written against it. */
typedef struct stem {
    const char *text;
    size_t size;
    double weight;
    size_t prefix; /* bytes of a prefix that is perhaps one */
} stem;

static stem stem_of(const ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    double zipf = ss_finder_zipf_of(f, i);
    stem s = {w->folded, w->folded_size, ss_rarity(zipf), 0};
    size_t prefix = prefix_of(f, w), particle = particle_of(w);
    if (w->script == SS_SCRIPT_LATIN && strcmp(f->code, "ko") == 0) { /* EU는, Lenny의 */
        size_t size = 0;
        while (size < w->folded_size && (unsigned char)w->folded[size] < 0xEA) size++;
        if (size < s.size) {
            double inner = size >= 2 ? ss_finder_zipf(f, ss_folded_hash(w->folded, size)) : COMMON;
            s = (stem){w->folded, size, ss_rarity(inner), 0};
        }
    } else if (prefix || particle) {
        const char *text = w->folded + prefix;
        size_t size = w->folded_size - prefix - particle;
        double inner = ss_finder_zipf(f, ss_folded_hash(text, size));
        /* it is cut off where what remains is a word, and where no name begins or ends so; a letter
         * that may be the name's own first is only tried without */
        if (prefix != 2 || inner > zipf)
            s = (stem){text, size, ss_rarity(inner > zipf ? inner : zipf), 0};
        else
            s.prefix = prefix;
    }
    bool caseless = w->letter_case == SS_CASELESS;
    double other = caseless ? CASELESS_WEIGHT : UNTOLD_WEIGHT;
    if (!f->has_frequencies) {
        bool cased = w->letter_case >= SS_CAPITAL;
        s.weight = cased && !ss_sentence_start(f, i) ? UNHEARD_WEIGHT : other;
    } else if (f->language == SS_LANGUAGE_UNKNOWN && (caseless || w->letter_case == SS_LOWER) &&
               s.weight > other) {
        s.weight = other; /* rare in the languages that are known says little of another one */
    }
    return s;
}

/* How much of a Korean word known words of two syllables and more cover, from the left; in bytes.
 */
static size_t covered(const ss_finder *f, const char *text, size_t size)
{
    size_t known = 0;
    for (size_t at = 0; at + 6 <= size;) {
        size_t longest = 0;
        for (size_t end = at + 6; end <= size && end <= at + 15; end += 3)
            if (ss_finder_zipf(f, ss_folded_hash(text + at, end - at)) >= 3.6F) longest = end - at;
        known += longest;
        at += longest ? longest : 3;
    }
    return known;
}

/* Long words of languages that write compounds in one: rare, and yet no names. */
static bool is_compound(const ss_finder *f, const ss_word *w, const stem *s)
{
    if (w->script == SS_SCRIPT_HANGUL)
        return s->size >= 9 && 3 * covered(f, s->text, s->size) >= 2 * s->size;
    if (!(f->traits & SS_WRITES_COMPOUNDS) || s->size < 11 || w->letter_case == SS_UPPER)
        return false;
    for (size_t at = 4; at + 4 <= s->size; at++) {
        if (((unsigned char)s->text[at] & 0xC0) == 0x80) continue;
        if (ss_finder_zipf(f, ss_folded_hash(s->text + at, s->size - at)) < 3.3F) continue;
        if (s->size - at >= 6)
            return true; /* no family name ends in a whole common word of six letters */
        if (ss_finder_zipf(f, ss_folded_hash(s->text, at)) >= 3.0F) return true;
        char last = s->text[at - 1]; /* Arbeit-s-recht, Woche-n-ende */
        if ((last == 's' || last == 'n' || last == 'e') && at > 4 &&
            ss_finder_zipf(f, ss_folded_hash(s->text, at - 1)) >= 3.0F)
            return true;
    }
    return false;
}

/* Verbs and adjectives of Korean that stand where names do. */
static bool hangul_verb(const ss_word *w)
{
    static const char *const ends[] = {"다", "며", "고", "던", "된", "한", "할",
                                       "해", "면", "서", "는", "지", "게", "야"};
    if (w->script != SS_SCRIPT_HANGUL || w->folded_size < 6) return false;
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
        if (memcmp(w->folded + w->folded_size - 3, ends[k], 3) == 0) return true;
    return false;
}

/* Vietnamese names are made of everyday syllables; abroad they are rare words. They stand out by
 * their capitals: two and more in a row, not at the start of a sentence. */
static bool in_name_of_syllables(const ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    if (!(f->traits & SS_SYLLABLES) || w->letter_case != SS_CAPITAL) return false;
    bool after = i > 0 && ss_gap_before(f, i) == SS_GAP_SPACE && w[-1].letter_case == SS_CAPITAL &&
                 !ss_sentence_start(f, i - 1);
    bool before = i + 1 < f->words->count && ss_gap_before(f, i + 1) == SS_GAP_SPACE &&
                  w[1].letter_case == SS_CAPITAL;
    return after || (before && !ss_sentence_start(f, i));
}

/* Korean writes foreign names with syllables that its own words seldom have. */
static const char foreign_syllables[] =
    "가고그기나네노니더데도드디딩라란랄랑래랜램랭러런럴레렉렌렐렘로록론롤롬루룩룬룸르리"
    "린릴림링마만메멘모무므미밀바반버베벤벨보볼부브블비빈빌사산세셀소쇼수슈스시아안알에"
    "엘오올와우울웨위윌이인일자조즈지체츠치카칸칼캐커케켄코콜쿠쿤크클키킨타탄터테텔토톤"
    "투트티틴파판페펜펠포폴푸풀프플피핀필하한할해허헤호후휴흐히힐";
static const char sure_syllables[] =
    "그드라란랄래러런레렌렐렉로론롤루르른므브블비빌스즈츠치카칸칼커케켄코쿠크클키타터테텔"
    "토톤투트티틴파페펜펠포폴푸프플피핀필헤흐히";

void ss_mark_syllables(ss_marks *marks)
{
    ss_mark_all(marks, foreign_syllables, SS_MARK_SYLLABLE);
    ss_mark_all(marks, "라",
                SS_MARK_TWICE); /* it stands twice in the list that sketches began with */
    ss_mark_all(marks, sure_syllables, SS_MARK_FOREIGN);
}

static bool sounds_foreign(const ss_finder *f, const char *text, size_t size)
{
    size_t known = 0, certain = 0, points = 0;
    for (size_t at = 0; at + 3 <= size; at += 3, points++) {
        unsigned marks = ss_marks_at(f, text + at);
        known += (marks & SS_MARK_SYLLABLE) != 0;
        known += (marks & SS_MARK_TWICE) != 0;
        certain += (marks & SS_MARK_FOREIGN) != 0;
    }
    return certain * 3 >= points && known + 1 >= points;
}

/* A people, as its adjective has it in languages that give it no capital (vietnamesischen), or 0.
 */
static int people_of(const ss_finder *f, const ss_word *w)
{
    if (w->letter_case != SS_LOWER || w->folded_size < 6) return 0;
    int value = ss_finder_inflected(f, w->folded, w->folded_size, SS_LEX_PLACE);
    return value > 1000 && value < 2000 ? value : 0;
}

/* Genf, Genève, Женева; 0: no city that is known. */
static int city_of(const ss_finder *f, const ss_word *w, const stem *s)
{
    int city = ss_finder_lexicon(f, ss_folded_hash(s->text, s->size), SS_LEX_CITY);
    if (!city && s->prefix)
        city = ss_finder_lexicon(f, ss_folded_hash(s->text + s->prefix, s->size - s->prefix),
                                 SS_LEX_CITY);
    if (!city && w->folded_size >= 6) city = ss_finder_inflected(f, s->text, s->size, SS_LEX_CITY);
    return city;
}

/* "Da Nang", "Đà Nẵng": a city of two words and more. */
static void add_city_of_words(ss_finder *f, size_t i)
{
    size_t count = 1;
    if (f->words->items[i].letter_case == SS_LOWER) return;
    int city = ss_finder_phrase(f, i, SS_LEX_CITY, &count);
    if (!city || count < 2) return;
    char text[SS_LATIN_MAX];
    ss_place place = ss_place_of_words(f, i, i + count - 1);
    size_t size = place.end - place.start;
    if (size > sizeof text) size = sizeof text;
    memcpy(text, f->text + place.start, size);
    ss_add_anchor(f, SS_ANCHOR_NAME, ss_city_key(city), CITY_WEIGHT,
                  SS_ANCHOR_CAPITAL | SS_ANCHOR_CITY, place, text, size);
}

static bool is_short(const ss_word *w)
{
    return ss_points(w->folded, w->folded_size) < (w->script == SS_SCRIPT_HANGUL ? 2u : 3u);
}

bool ss_is_dull(const ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    if (w->digits || is_short(w) || ss_is_agency(f, i)) return true;
    if (!f->has_frequencies || (f->traits & SS_SYLLABLES && w->letter_case == SS_CAPITAL))
        return false; /* it depends on what stands around */
    return stem_of(f, i).weight <= 0;
}

/* Of a word that nothing is cut off, both are found out once. */
static void compound_or_city(const ss_finder *f, const ss_word *w, const stem *s, bool *compound,
                             int *city)
{
    ss_known *known = s->size == w->folded_size && !s->prefix ? w->known : NULL;
    if (known && known->has & SS_KNOWS_NAME) {
        *compound = known->compound;
        *city = known->city;
        return;
    }
    *compound = is_compound(f, w, s);
    *city = w->letter_case != SS_LOWER ? city_of(f, w, s) : 0;
    if (!known) return;
    known->compound = *compound;
    known->city = (int16_t)*city;
    known->has |= SS_KNOWS_NAME;
}

/* The skeletons of word i, or of what is left of it. */
static void add_skeletons(ss_finder *f, size_t i, const stem *s, double weight, const char *latin,
                          size_t size, bool inflected)
{
    const ss_word *w = &f->words->items[i];
    const ss_known *known = w->known;
    ss_script script = (ss_script)w->script;
    bool whole = s->size == w->folded_size, accents = whole && script == SS_SCRIPT_LATIN;
    const char *form = accents ? w->form : s->text;
    size_t form_size = accents ? w->form_size : s->size;
    skeleton bones = whole ? skeleton_of_word(f, w) : skeleton_of(f, form, form_size, script, 0);
    add_skeleton(f, ss_place_of(f, i), &bones, weight, latin, size, inflected);
    bool told = whole && known && known->has & SS_KNOWS_SKELETON;
    if (weight >= RARE && (told ? known->open : ss_skeleton_is_open(form, form_size, script)))
        add_other_reading(f, ss_place_of(f, i), &bones, form, form_size, script, weight, latin,
                          size);
}

/* Does its capital make a rare word a name? */
static bool is_sure(const ss_finder *f, size_t i, double weight, bool loud_title)
{
    const ss_word *w = &f->words->items[i];
    if (w->letter_case != SS_CAPITAL && w->letter_case != SS_UPPER) return false;
    if (loud_title && w->start < f->title_size) return false;
    return weight >= (ss_sentence_start(f, i) ? SURE_START_WEIGHT : SURE_WEIGHT);
}

/* Adds name and skeleton of word i; returns its rarity. */
static double add_word(ss_finder *f, size_t i, bool loud_title)
{
    const ss_word *w = &f->words->items[i];
    if (w->known ? w->known->dull : is_short(w)) return 0;
    stem s = stem_of(f, i);
    if (in_name_of_syllables(f, i)) s.weight = 0.8 * ss_rarity(ss_finder_english(f, f->hash[i]));
    if (s.weight <= 0 || ss_is_agency(f, i)) return 0;
    double weight = s.weight;
    bool capital = w->letter_case != SS_LOWER;
    bool compound;
    int city;
    compound_or_city(f, w, &s, &compound, &city);
    if (compound) weight *= 0.3;
    if (hangul_verb(w) && s.size == w->folded_size)
        weight *= 0.12;
    else if (w->script == SS_SCRIPT_HANGUL && !sounds_foreign(f, s.text, s.size))
        weight *= 0.5;
    char latin[SS_LATIN_MAX];
    size_t size = ss_name_form(f->model, s.text, s.size, latin);
    if (size >= 3 || city)
        ss_add_anchor(f, SS_ANCHOR_NAME, city ? ss_city_key(city) : ss_name_key(latin, size),
                      weight,
                      (capital ? SS_ANCHOR_CAPITAL : 0) | (city ? SS_ANCHOR_CITY : 0) |
                          (is_sure(f, i, weight, loud_title) ? SS_ANCHOR_SURE : 0),
                      ss_place_of(f, i), latin, size);
    if (capital && weight >= LESS_RARE) {
        bool inflected = w->script == SS_SCRIPT_CYRILLIC || w->script == SS_SCRIPT_GREEK ||
                         w->script == SS_SCRIPT_INDIC || f->traits & SS_LETTERED_ENDS;
        add_skeletons(f, i, &s, weight, latin, size, inflected);
        if (s.prefix)
            ss_add_skeleton(f, ss_place_of(f, i), s.text + s.prefix, s.size - s.prefix,
                            (ss_script)w->script, 0.6 * weight, latin, size, false);
    }
    return s.weight;
}

/* "Da Nang" is one word elsewhere: ダナン, Дананг. */
static void add_joined(ss_finder *f, ss_place place, const char *left, size_t left_size,
                       const char *right, size_t right_size, double weight)
{
    char joined[2 * SS_LATIN_MAX];
    size_t size = left_size + right_size;
    if (left_size > 5 || right_size > 5 || size < 6) return;
    memcpy(joined, left, left_size);
    memcpy(joined + left_size, right, right_size);
    ss_add_anchor(f, SS_ANCHOR_NAME, ss_name_key(joined, size), weight, SS_ANCHOR_CAPITAL, place,
                  joined, size);
    ss_add_skeleton(f, place, joined, size, SS_SCRIPT_LATIN, weight, joined, size, false);
}

/* Two skeletons in a row, in either order: "Mahsa Amini" has too few consonants in each word to
 * meet แมฮ์ซอ แอมีนี by them, and enough in both. text: as readers see it. */
static void add_skeleton_pair(ss_finder *f, ss_place place, const skeleton *a, const skeleton *b,
                              double weight, const char *text, size_t size)
{
    size_t classes = a->classes + b->classes;
    uint32_t both[2] = {a->key[0] < b->key[0] ? a->key[0] : b->key[0],
                        a->key[0] < b->key[0] ? b->key[0] : a->key[0]};
    if (!a->classes || !b->classes || classes < 5) return;
    ss_add_anchor(f, SS_ANCHOR_SKELETON, (uint32_t)XXH3_64bits_withSeed(both, sizeof both, 3),
                  weight * skeleton_trust(classes - 1), SS_ANCHOR_CAPITAL, place, text, size);
}

static size_t write_both(const ss_finder *f, const char *left, size_t left_size, const char *right,
                         size_t right_size, char text[2 * SS_LATIN_MAX + 1])
{
    size_t size = ss_name_form(f->model, left, left_size, text);
    text[size++] = ' ';
    return size + ss_name_form(f->model, right, right_size, text + size);
}

void ss_add_pair_of_parts(ss_finder *f, const ss_part *left, const ss_part *right)
{
    if (left->weight + right->weight <= 0) return; /* two common words */
    char text[2 * SS_LATIN_MAX + 1];
    size_t size = write_both(f, left->text, left->size, right->text, right->size, text);
    skeleton a = skeleton_of(f, left->text, left->size, left->script, 0);
    skeleton b = skeleton_of(f, right->text, right->size, right->script, 0);
    add_skeleton_pair(f, ss_place_of_words(f, left->word - 1, right->word - 1), &a, &b,
                      (left->weight + right->weight) / 2, text, size);
}

static void add_pair_of_stems(ss_finder *f, size_t i, const stem *a, const stem *b, double weight)
{
    const ss_word *w = &f->words->items[i];
    char text[2 * SS_LATIN_MAX + 1];
    size_t size = write_both(f, a->text, a->size, b->text, b->size, text);
    skeleton x = skeleton_of(f, a->text, a->size, (ss_script)w[-1].script, 0);
    skeleton y = skeleton_of(f, b->text, b->size, (ss_script)w->script, 0);
    add_skeleton_pair(f, ss_place_of_words(f, i - 1, i), &x, &y, weight, text, size);
}

/* Words i - 1 and i of a script without capitals, which may write something against them. */
static void add_caseless_pair(ss_finder *f, size_t i, double weight)
{
    stem a = stem_of(f, i - 1), b = stem_of(f, i);
    add_pair_of_stems(f, i, &a, &b, weight);
    if (!a.prefix) return;
    a.text += a.prefix; /* ومهسا أميني: perhaps "and Mahsa Amini" */
    a.size -= a.prefix;
    add_pair_of_stems(f, i, &a, &b, OTHER_READING * weight);
}

/* Pairs are written in the order of the text, and keyed in the order of the letters: in Asia and in
 * lists the family name comes first. */
void ss_add_pair(ss_finder *f, ss_place place, const char *left, size_t left_size,
                 const char *right, size_t right_size, double weight)
{
    char text[2 * SS_LATIN_MAX + 1];
    uint64_t x = XXH3_64bits(left, left_size), y = XXH3_64bits(right, right_size);
    uint64_t both[2] = {x < y ? x : y, x < y ? y : x};
    memcpy(text, left, left_size);
    text[left_size] = ' ';
    memcpy(text + left_size + 1, right, right_size);
    ss_add_anchor(f, SS_ANCHOR_PAIR, (uint32_t)XXH3_64bits(both, sizeof both), weight,
                  SS_ANCHOR_CAPITAL, place, text, left_size + 1 + right_size);
}

static void add_pair(ss_finder *f, size_t first, double weight)
{
    const ss_word *a = &f->words->items[first], *b = a + 1;
    char left[2 * SS_LATIN_MAX + 1], right[SS_LATIN_MAX];
    size_t left_size = ss_name_form(f->model, a->folded, a->folded_size, left);
    size_t right_size = ss_name_form(f->model, b->folded, b->folded_size, right);
    if (left_size < 2 || right_size < 2) return;
    ss_place place = ss_place_of_words(f, first, first + 1);
    if (a->script == SS_SCRIPT_LATIN)
        add_joined(f, place, left, left_size, right, right_size, 0.6 * (weight - 1.0));
    ss_add_pair(f, place, left, left_size, right, right_size, weight);
    if (weight <= 1.0) return; /* two common words: Prime Minister */
    skeleton x = skeleton_of_word(f, a), y = skeleton_of_word(f, b);
    left[left_size] = ' ';
    memcpy(left + left_size + 1, right, right_size);
    add_skeleton_pair(f, place, &x, &y, weight - WRITTEN_BONUS, left, left_size + 1 + right_size);
}

/* Two rare words in a row in a script without capitals. */
static double caseless_pair(double left, double right)
{
    return left >= PART_OF_PAIR && right >= PART_OF_PAIR ? 0.35 * (left + right) : 0;
}

static bool may_pair(const ss_word *w)
{
    return w->letter_case >= SS_CAPITAL && !w->digits && !w->run;
}

/* A title in which most words have capitals says nothing by them. */
static bool title_is_capitalised(const ss_finder *f)
{
    size_t words = 0, capitals = 0;
    for (size_t i = 0; i < f->words->count && f->words->items[i].start < f->title_size; i++) {
        const ss_word *w = &f->words->items[i];
        if (w->folded_size < 4 || w->letter_case == SS_CASELESS) continue;
        words++;
        capitals += w->letter_case >= SS_CAPITAL;
    }
    return words > 3 && capitals * 10 > words * 7;
}

/* ---- The finder ------------------------------------------------------------------------------ */

/* Weight of the pair of words i - 1 and i, or 0 when they are none. */
static double pair_weight(const ss_finder *f, size_t i, double left, double right,
                          bool capitals_mean_little)
{
    bool common_left = left <= 0, common_right = right <= 0;
    if (common_left && (ss_sentence_start(f, i - 1) || capitals_mean_little)) return 0;
    if (common_left && common_right && f->traits & SS_NOUN_CAPITALS) return 0;
    if (common_right && capitals_mean_little) return 0;
    return 1.0 + (left + right) / 2;
}

int ss_place_alone(const ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    int place = 0;
    if (w->digits) return 0;
    if (w->letter_case != SS_LOWER && w->folded_size >= 6)
        place = ss_finder_inflected(f, w->folded, w->folded_size, SS_LEX_PLACE);
    if (!place && ss_finder_zipf_of(f, i) < COMMON) place = people_of(f, w);
    return place;
}

void ss_find_names(ss_finder *f)
{
    bool loud_title = title_is_capitalised(f);
    double before = NONE; /* rarity of the word before, if that one can begin a pair */
    for (size_t i = 0; i < f->words->count; i++) {
        const ss_word *w = &f->words->items[i];
        bool open = before > NONE;
        double left = before;
        before = NONE;
        if (f->quiet[i] & SS_QUIET_NAMES || f->used[i]) continue;
        if (w->run) {
            ss_find_in_run(f, i);
            continue;
        }
        size_t count = 1;
        int place = w->letter_case != SS_LOWER ? ss_finder_phrase(f, i, SS_LEX_PLACE, &count) : 0;
        if (!place) place = w->known ? w->known->place : ss_place_alone(f, i);
        double rarity = 0;
        if (place)
            add_place(f, i, count, place);
        else {
            add_city_of_words(f, i);
            rarity = add_word(f, i, loud_title);
        }
        bool caseless = w->letter_case == SS_CASELESS;
        if (!may_pair(w) && !(caseless && rarity >= PART_OF_PAIR)) continue;
        ss_gap gap = ss_gap_before(f, i);
        bool stands_together = open && (gap == SS_GAP_SPACE || gap == SS_GAP_HYPHEN);
        double weight =
            !stands_together ? 0
            : caseless       ? caseless_pair(left, rarity)
                       : pair_weight(f, i, left, rarity, loud_title && w->start < f->title_size);
        if (weight > 0) {
            if (caseless)
                add_caseless_pair(f, i, weight);
            else
                add_pair(f, i - 1, weight);
        }
        before = rarity;
        i += count - 1; /* the rest of "South Korea" */
    }
}
