/* Any bytes are read as a feed, or refused; what a feed gives back without some entries, or with
 * verdicts in others, is a feed again with as many entries, and reading that again changes nothing
 * more.
 *
 * Input: two bytes of choices, then the feed. */
#include "fuzz.h"

#include "samestory.h"

static samestory_verdict verdict_of(uint8_t choice)
{
    static const char *const ids[] = {"", "id", "a http://b:c", "\"<&>'\xE9\x01\xC3\xA9", "]]>"};
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    const char *id = ids[choice % 5];
    v.relation = (samestory_relation)(choice & 3);
    v.probability = choice / 255.0;
    v.of = v.story = (samestory_string){id, strlen(id)};
    return v;
}

/* Decides by the bits of `choice`, drops if `drop`; returns how many entries must be left. */
static size_t decide(samestory_feed *feed, uint8_t choice, int drop)
{
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    size_t left = 0;
    for (unsigned i = 0; !samestory_feed_next(feed, &d, NULL); i++) {
        must(d.id.data || !d.id.size);
        left++;
        if (!(choice >> i % 7 & 1)) continue;
        samestory_verdict v = verdict_of((uint8_t)(choice + i));
        if (drop)
            must(!samestory_feed_drop(feed));
        else
            must(!samestory_feed_mark(feed, &v));
        left -= drop != 0;
    }
    return left;
}

static size_t count(const char *bytes, size_t size)
{
    samestory_feed *feed;
    must(!samestory_feed_open(bytes, size, &feed, NULL));
    size_t entries = decide(feed, 0, 0);
    char *again;
    size_t again_size;
    must(!samestory_feed_write(feed, &again, &again_size, NULL));
    must(again_size == size && !memcmp(again, bytes, size));
    samestory_free(again);
    samestory_feed_free(feed);
    return entries;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    samestory_feed *feed;
    char *out;
    size_t out_size;
    if (size < 2) return 0;
    const char *bytes = (const char *)data + 2;
    if (samestory_feed_open(bytes, size - 2, &feed, NULL)) return 0;
    size_t left = decide(feed, data[0], data[1] & 1);
    if (!samestory_feed_write(feed, &out, &out_size, NULL)) {
        size_t entries = count(out, out_size);
        must(entries == left || data[1] & 1); /* those out of entities can't be dropped */
        samestory_free(out);
    }
    samestory_feed_free(feed);
    return 0;
}

#ifndef SAMESTORY_LIBFUZZER
static size_t put(uint8_t *out, size_t size, size_t limit, const char *part)
{
    size_t n = strlen(part);
    if (size + n >= limit) return size;
    memcpy(out + size, part, n);
    return size + n;
}

static const char *const xml_parts[] = {"<item>",
                                        "</item>",
                                        "<item a='1'>",
                                        "<item/>",
                                        " ",
                                        "\n\t",
                                        "<title>D</title>",
                                        "<title>",
                                        "</title>",
                                        "<description>&lt;p&gt;x&lt;/p&gt;</description>",
                                        "<link>http://a/b</link>",
                                        "<guid>7</guid>",
                                        "<pubDate>2024-11-14</pubDate>",
                                        "<category>samestory:copy</category>",
                                        "<samestory:verdict/>",
                                        "<samestory:verdict></samestory:verdict>",
                                        "<entry>",
                                        "</entry>",
                                        "<content type='xhtml'><div>a<br/>b</div></content>",
                                        "<![CDATA[<p>x]]>",
                                        "<!-- c -->",
                                        "<link rel='self' href='http://f/'/>",
                                        "&amp;",
                                        "&e;",
                                        "&i;",
                                        "caf\xC3\xA9",
                                        "\xE9",
                                        "<rdf:li rdf:resource='http://a/b'/>",
                                        "<item rdf:about='http://a/b'>",
                                        "<x:item>",
                                        "</x:item>",
                                        "<b>",
                                        "</b>",
                                        "]]>",
                                        "&#0;"};
static const char *const json_parts[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"id\":7",
    "\"title\":\"D\"",
    "\"tags\":[]",
    "\"tags\":[\"a\",\"samestory:copy\"]",
    "\"_samestory\":{}",
    "{\"id\":1}",
    ",{\"title\":\"x\"}",
    "{\"content_html\":\"<p>x\",\"date_published\":\"2024-11-14\"}",
    ",{}",
    " ",
    "\n",
    "1e999",
    "\"\\ud800\"",
    "\xE9",
    "null",
    "\"items\":[]",
    "\"url\":\"http://a\""};

/* An object of some members. */
static size_t put_item(uint64_t *seed, uint8_t *out, size_t size, size_t capacity)
{
    static const uint8_t members[] = {6, 7, 8, 9, 10, 22};
    size = put(out, size, capacity, "{");
    for (uint32_t i = 0, n = fuzz_random(seed, 4); i < n; i++) {
        if (i) size = put(out, size, capacity, fuzz_random(seed, 2) ? "," : " , ");
        size = put(out, size, capacity, json_parts[members[fuzz_random(seed, sizeof members)]]);
    }
    return put(out, size, capacity, "}");
}

static size_t make_input(uint64_t seed, uint8_t *out, size_t capacity)
{
    static const char *const heads[] = {
        "<?xml version='1.0' encoding='windows-1251'?><rss><channel>",
        "<rss version='2.0'><channel>",
        "<!DOCTYPE rss [<!ENTITY e 'x'><!ENTITY i '<item><title>D</title></item>'>]><rss><channel>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<rdf:RDF><channel rdf:about='http://f/'>",
        "{\"feed_url\":\"http://f/\",\"items\":["};
    static const char *const tails[] = {"</channel></rss>",     "</channel></rss>\n",
                                        "</channel></rss>",     "</feed>",
                                        "</channel></rdf:RDF>", "]}"};
    uint32_t kind = fuzz_random(&seed, 6);
    size_t size = 2, limit = 20 + fuzz_random(&seed, 1500);
    if (limit > capacity) limit = capacity;
    out[0] = (uint8_t)fuzz_random(&seed, 256);
    out[1] = (uint8_t)fuzz_random(&seed, 256);
    size = put(out, size, capacity, heads[kind]);
    while (size < limit) {
        int whole = fuzz_random(&seed, 60) > 0; /* mostly whole entries, so that most are feeds */
        if (kind == 5) {
            if (out[size - 1] != '[') size = put(out, size, capacity, ",");
            size = whole ? put_item(&seed, out, size, capacity)
                         : put(out, size, capacity, json_parts[fuzz_random(&seed, 23)]);
            if (!fuzz_random(&seed, 4)) size = put(out, size, capacity, "\n ");
            continue;
        }
        const char *begin = kind == 3 ? "<entry>" : kind == 4 ? xml_parts[28] : "<item>";
        if (whole) size = put(out, size, capacity, begin);
        for (uint32_t n = fuzz_random(&seed, 5); n; n--) {
            static const uint8_t good[] = {4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 18, 20, 21, 22, 25};
            uint32_t part = whole ? good[fuzz_random(&seed, sizeof good)] : fuzz_random(&seed, 35);
            size = put(out, size, capacity, xml_parts[part]);
        }
        if (whole) size = put(out, size, capacity, kind == 3 ? "</entry>" : "</item>");
        if (!whole && fuzz_random(&seed, 3)) break;
    }
    return put(out, size, capacity, tails[kind]);
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "feeds", 6000, 10000);
}
#endif
