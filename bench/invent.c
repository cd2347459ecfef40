#include "invent.h"

#include "random.h"

#include <stdlib.h>
#include <string.h>

enum { CAST = 4, WORD_ROOM = 96, PART_SENTENCES = 3, SHORT = 400 };

const char *const kind_names[KINDS] = {"original", "words", "paragraph", "byline", "half"};

/* ---- Names -------------------------------------------------------------------------------------
 */

/* Syllables that names of a writing begin, go on and end with, a space between each two. */
static const struct {
    const char *first, *middle, *last;
} syllables[] = {
    [LATIN] = {"Ba Bre Da Dro El Fa Gra Ha Ile Ja Kol La Mar Ni Or Pe Ra Sto Tha Ul Ve Wen Ya Zo",
               "ri men lo ka sse du nta vi ber go li ra mi tze no ha",
               "n rt ski berg na dis mann vic son ler ra tti oux lund ez ke"},
    [CYRILLIC] = {"Ба Бре Да Дро Ел Фа Гра Ха Иле Ка Кол Ла Мар Ни Ор Пе Ра Сто Та Ул Ве Вен Я Зо",
                  "ри мен ло ка се ду нта ви бер го ли ра ми це но ха",
                  "нов рт ский берг на дис ман вич сон лер ра тин ко лунд ец ке"},
    [GREEK] = {"Βα Δα Ελ Φα Γρα Ηλι Κολ Λα Μαρ Νι Ορ Πε Ρα Στο Θα Ζω", "ρι μεν λο κα σε δου ντα βι",
               "νης ρτας κης ος να δης μας πουλος"},
    [ARABIC] = {"با بر دا در ال فا غر ها كو لا مر ني ور بي را ست", "ري من لو كا سي دو نت في",
                "ن رت سي بر نا دي مان فيش"},
    [DEVANAGARI] = {"बा ब्रे दा द्रो एल फा ग्रा हा जा कोल ला मार नि ओर पे रा", "रि मेन लो का से दु ता वि",
                    "न र्त स्की बर्ग ना दिस मन विच"},
    [THAI] = {"บา เบร ดา โดร เอล ฟา กรา ฮา จา โกล ลา มา นิ ออ เป รา", "ริ เมน โล กา เซ ดู ตา วิ",
              "น รต สกี เบิร์ก นา ดิส มัน วิช"},
    [HANGUL] = {"김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황", "민 서 지 현 준 수 영 도",
                "우 진 혁 아 연 호 석 빈"},
    [HAN] = {"王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林", "文 志 国 建 晓 海 明 春",
             "华 强 军 丽 涛 燕 辉 琳"},
    [KANA] = {"佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤 吉田 山田 松本 井上 木村 清水",
              "健 直 裕 真 和 美 大 智", "太 子 樹 也 香 輔 恵 人"},
};

static void put_syllable(const char *list, uint64_t *r, char name[WORD_ROOM])
{
    size_t count = 1, used = strlen(name);
    for (const char *at = list; *at; at++) count += *at == ' ';
    for (size_t skip = random_below(r, count); skip; list++) skip -= *list == ' ';
    size_t size = strcspn(list, " ");
    if (used + size >= WORD_ROOM) return;
    memcpy(name + used, list, size);
    name[used + size] = 0;
}

static void invent_name(writing w, uint64_t *r, char name[WORD_ROOM])
{
    name[0] = 0;
    put_syllable(syllables[w].first, r, name);
    for (size_t n = random_below(r, 3); n > 0; n--) put_syllable(syllables[w].middle, r, name);
    put_syllable(syllables[w].last, r, name);
}

/* ---- Words -------------------------------------------------------------------------------------
 */

typedef struct maker {
    const language *l;
    bool german; /* every noun has a capital */
    bool cased;
    char name[CAST][WORD_ROOM];
    uint64_t *r;
} maker;

/* The first or the second half of a word's characters. */
static piece half_word(piece word, bool second)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < word.size; i += character_size(word.start[i])) count++;
    for (size_t i = 0; i < (count + 1) / 2; i++) at += character_size(word.start[at]);
    return second ? (piece){word.start + at, word.size - at} : (piece){word.start, at};
}

/* The front of one word and the back of another: there are 524,288 of them, the first ones often.
 */
static void put_rare_word(buffer *out, const pieces *pool, uint64_t *r)
{
    uint64_t u = random_next(r) >> 43, which = (u * u >> 21) * u >> 23; /* 2^19 x (u / 2^21)^3 */
    uint64_t word = which * 2654435761u + 1;
    piece front = half_word(pool->items[random_below(&word, pool->count)], false);
    piece back = half_word(pool->items[random_below(&word, pool->count)], true);
    put(out, front.start, front.size);
    put(out, back.start, back.size);
}

/* The word that takes this one's place; one chance in three or so. false: it stays. */
static bool put_new_word(buffer *out, const maker *m, const token *t)
{
    const pieces *pool = t->capital ? &m->l->capital : &m->l->lower;
    size_t names = !m->cased ? 4 : !t->capital ? 0 : m->german ? 12 : 40;
    size_t chance = random_below(m->r, 10000), other = chance % 100;
    if (chance / 100 < names) {
        put_text(out, m->name[random_below(m->r, CAST)]);
    } else if (other < 9) {
        put_rare_word(out, pool, m->r);
    } else if (other < 39) {
        piece word = pool->items[random_below(m->r, pool->count)];
        put(out, word.start, word.size);
    } else {
        return false;
    }
    return true;
}

/* Numbers anew: a leading 0 is never made, and years stay years, which many documents share. */
static void renew_digits(char *text, size_t size, uint64_t *r)
{
    for (size_t i = 0; i < size;) {
        size_t digits = 0;
        while (i + digits < size && text[i + digits] >= '0' && text[i + digits] <= '9') digits++;
        if (digits == 4 && (text[i] == '1' || text[i] == '2')) {
            size_t year = 1990 + random_below(r, 37);
            for (size_t k = 4; k > 0; k--, year /= 10) text[i + k - 1] = (char)('0' + year % 10);
        } else {
            for (size_t k = i; k < i + digits; k++)
                if (text[k] != '0') text[k] = (char)('1' + random_below(r, 9));
        }
        i += digits + 1;
    }
}

/* Writes the first tokens of a sentence, made new. */
static void put_tokens(buffer *out, const maker *m, const sentence *s, size_t count)
{
    for (size_t i = 0; i < count && i < s->count; i++) {
        const token *t = &s->tokens[i];
        size_t size = (size_t)t->before + t->word + t->after, start = out->size;
        put(out, t->start, size);
        if (t->digits) {
            renew_digits(out->bytes + start, size, m->r);
        } else if (t->word && i) {
            out->size = start + t->before;
            if (put_new_word(out, m, t))
                put(out, t->start + t->before + t->word, t->after);
            else
                out->size = start + size;
        }
    }
}

static size_t put_sentence(buffer *out, const maker *m)
{
    const sentences *all = &m->l->sentences;
    const sentence *s = &all->items[random_below(m->r, all->count)];
    put_tokens(out, m, s, s->count);
    return s->count;
}

/* ---- A document --------------------------------------------------------------------------------
 */

static size_t wanted_words(const plan *p, uint64_t *r)
{
    if (p->words_max) return p->words_min + random_below(r, p->words_max - p->words_min + 1);
    size_t share = random_below(r, 100);
    if (share < 10) return 10 + random_below(r, 30);   /* headline, brief */
    if (share < 60) return 60 + random_below(r, 200);  /* newswire */
    if (share < 95) return 250 + random_below(r, 300); /* article */
    return 600 + random_below(r, 900);                 /* long read */
}

static void add_sentence(invented *d, size_t start)
{
    pieces *list = &d->sentence;
    list->items = grown(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (piece){NULL, start};
}

static void put_gap(const language *l, buffer *text, size_t before)
{
    if (before) put_text(text, before % PART_SENTENCES ? (l->spaces ? " " : "") : "\n\n");
}

static void set_language(maker *m, const language *l)
{
    m->l = l;
    m->german = !strcmp(l->code, "de");
    m->cased = l->capital.items != l->lower.items;
    for (int i = 0; i < CAST; i++) invent_name(l->writing, m->r, m->name[i]);
}

static void set_out(const plan *p, size_t number, uint64_t *r, maker *m)
{
    *r = p->seed * 1000003 + number;
    random_next(r);
    m->r = r;
    set_language(m, &p->source->language[random_below(r, p->source->count)]);
}

static void put_title(const maker *m, buffer *title)
{
    const sentences *all = &m->l->sentences;
    title->size = 0;
    put_text(title, m->name[0]);
    put_text(title, ": ");
    put_tokens(title, m, &all->items[random_below(m->r, all->count)], 8);
    while (title->bytes[title->size - 1] == ' ') title->size--;
}

static void invent_original(const plan *p, size_t number, invented *out)
{
    uint64_t r;
    maker m;
    set_out(p, number, &r, &m);
    out->language = m.l;
    put_title(&m, &out->title);
    out->text.size = 0;
    out->sentence.count = 0;
    size_t wanted = wanted_words(p, &r);
    for (size_t words = 0, n = 0; words < wanted; n++) {
        put_gap(m.l, &out->text, n);
        add_sentence(out, out->text.size);
        words += put_sentence(&out->text, &m);
    }
}

/* Every other sentence of the original, and new ones between. */
static void invent_half(const plan *p, size_t number, invented *out)
{
    uint64_t r;
    maker m;
    set_out(p, number, &r, &m);
    set_language(&m, out->language);
    put_title(&m, &out->title);
    buffer whole = out->text;
    out->text = out->spare;
    out->text.size = 0;
    for (size_t i = 0; i < out->sentence.count; i++) {
        size_t start = out->sentence.items[i].size;
        size_t end = i + 1 < out->sentence.count ? out->sentence.items[i + 1].size : whole.size;
        while (end > start && (whole.bytes[end - 1] == ' ' || whole.bytes[end - 1] == '\n')) end--;
        put_gap(m.l, &out->text, i);
        if (i % 2)
            put_sentence(&out->text, &m);
        else
            put(&out->text, whole.bytes + start, end - start);
    }
    out->spare = whole;
}

/* ---- Near-copies -------------------------------------------------------------------------------
 */

/* The next piece that is a token, or the white space between two. */
static const char *piece_end(const language *l, const char *at, const char *end)
{
    return *at == ' ' || *at == '\n' ? at + 1 : token_end(l, at, end);
}

/* Three words of a hundred, one at least. */
static void replace_words(const buffer *from, buffer *to, const language *l, uint64_t *r)
{
    const char *start = from->bytes, *end = start + from->size;
    size_t words = 0;
    for (const char *at = start; at < end; at = piece_end(l, at, end))
        words += *at != ' ' && *at != '\n';
    size_t wanted = words < 34 ? 1 : (3 * words + 50) / 100;
    for (const char *at = start, *next; at < end; at = next) {
        next = piece_end(l, at, end);
        bool word = *at != ' ' && *at != '\n';
        bool replaced = word && random_below(r, words) < wanted;
        words -= word;
        wanted -= replaced;
        piece other = {at, (size_t)(next - at)};
        if (replaced) other = l->lower.items[random_below(r, l->lower.count)];
        put(to, other.start, other.size);
    }
}

/* The paragraphs after the first that are at most a quarter of the text; one of them is left out.
 * false: there is none. */
static bool drop_paragraph(const buffer *from, buffer *to, uint64_t *r)
{
    enum { MOST = 64 };
    const char *start[MOST], *end[MOST], *stop = from->bytes + from->size;
    size_t count = 0;
    for (const char *at = strstr(from->bytes, "\n\n"); at && count < MOST;) {
        const char *next = strstr(at + 2, "\n\n");
        if (!next) next = stop;
        if ((size_t)(next - at) * 4 <= from->size) start[count] = at, end[count++] = next;
        at = next < stop ? next : NULL;
    }
    if (!count) return false;
    size_t which = random_below(r, count);
    put(to, from->bytes, (size_t)(start[which] - from->bytes));
    put(to, end[which], (size_t)(stop - end[which]));
    return true;
}

static void add_byline(const buffer *from, buffer *to, const language *l, uint64_t *r)
{
    static const char *const cities[] = {"LONDON",    "HANOI", "BERLIN",
                                         "AMSTERDAM", "PARIS", "GENEVA"};
    static const char *const agencies[] = {"Reuters", "AP", "AFP", "dpa", "VNA", "ANP"};
    static const char *const footers[] = {
        "All rights reserved. This material may not be published or rewritten.",
        "This article was first published on our partner site.",
        "Follow us on social media for the latest updates."};
    char author[WORD_ROOM];
    invent_name(l->writing, r, author);
    put_text(to, "By ");
    put_text(to, author);
    put_text(to, "\n\n");
    put_text(to, cities[random_below(r, 6)]);
    put_text(to, " (");
    put_text(to, agencies[random_below(r, 6)]);
    put_text(to, ") - ");
    put(to, from->bytes, from->size);
    put_text(to, "\n\n");
    put_text(to, footers[random_below(r, 3)]);
}

/* Edits the text into spare, and swaps them. A short text gets no furniture, which would be
 * half of it. */
static void invent_copy(const plan *p, size_t number, invented *d)
{
    uint64_t r = p->seed * 104729 + number;
    random_next(&r);
    d->kind = (kind)(WORDS + number / p->copy_every % 3);
    d->spare.size = 0;
    if (d->text.size < SHORT) d->kind = WORDS;
    if (d->kind == PARAGRAPH && !drop_paragraph(&d->text, &d->spare, &r)) d->kind = BYLINE;
    if (d->kind == WORDS) replace_words(&d->text, &d->spare, d->language, &r);
    if (d->kind == BYLINE) add_byline(&d->text, &d->spare, d->language, &r);
    buffer edited = d->spare;
    d->spare = d->text;
    d->text = edited;
}

/* ---- All of them -------------------------------------------------------------------------------
 */

static bool is_copy(const plan *p, size_t number)
{
    return p->copy_every && number % p->copy_every == p->copy_every - 1;
}

static bool is_half(const plan *p, size_t number)
{
    return p->half_every && !is_copy(p, number) && number % p->half_every == p->half_every / 2;
}

static size_t original_of(const plan *p, size_t number)
{
    uint64_t r = p->seed * 7919 + number;
    size_t original = number ? random_below(&r, number) : 0;
    while (original && (is_copy(p, original) || is_half(p, original))) original--;
    return original;
}

void invent(const plan *p, size_t number, invented *out)
{
    bool copy = is_copy(p, number), half = is_half(p, number);
    out->kind = ORIGINAL;
    out->original = (copy || half) && number ? original_of(p, number) : number;
    invent_original(p, out->original, out);
    if (out->original == number) return;
    if (copy) {
        invent_copy(p, number, out);
    } else if (out->sentence.count >= 4) {
        out->kind = HALF;
        invent_half(p, number, out);
    } else { /* one half of a sentence or two would be a copy */
        out->original = number;
        invent_original(p, number, out);
    }
}

void invented_free(invented *document)
{
    free(document->title.bytes);
    free(document->text.bytes);
    free(document->spare.bytes);
    free(document->sentence.items);
}
