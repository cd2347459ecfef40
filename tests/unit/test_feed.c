/* Feeds: entries are read as a feed reader would read them, and what is written back is a feed in
 * which every byte that nothing was decided about is as it was. */
#include "unit.h"

#include "samestory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static samestory_feed *feed;
static samestory_document entry;
static samestory_error error;

static void open_feed(const char *bytes, size_t size)
{
    samestory_feed_free(feed);
    feed = NULL;
    if (samestory_feed_open(bytes, size, &feed, &error)) fail_msg("%s", error.message);
}

static void open_text(const char *text)
{
    open_feed(text, strlen(text));
}

static bool next(void)
{
    entry = (samestory_document)SAMESTORY_DOCUMENT_INIT;
    return samestory_feed_next(feed, &entry, &error) == SAMESTORY_OK;
}

static void refused(const char *text)
{
    samestory_feed *none = NULL;
    assert_int_equal(samestory_feed_open(text, strlen(text), &none, &error), SAMESTORY_BAD_RECORD);
    assert_null(none);
    assert_true(strlen(error.message) > 0);
}

static void is_string(samestory_string got, const char *expected)
{
    if (got.size != strlen(expected) || memcmp(got.data, expected, got.size) != 0)
        fail_msg("\"%.*s\" instead of \"%s\"", (int)got.size, got.data ? got.data : "", expected);
}

static void writes(const char *expected, size_t size)
{
    char *out = NULL;
    size_t got = 0;
    if (samestory_feed_write(feed, &out, &got, &error)) fail_msg("%s", error.message);
    if (got != size || memcmp(out, expected, size) != 0)
        fail_msg("\n%.*s\ninstead of\n%.*s", (int)got, out, (int)size, expected);
    samestory_free(out);
}

static void writes_text(const char *expected)
{
    writes(expected, strlen(expected));
}

/* Drops the entries whose title begins with D. */
static void drop_some(void)
{
    samestory_feed_rewind(feed);
    while (next())
        if (entry.title.size && *entry.title.data == 'D')
            assert_int_equal(samestory_feed_drop(feed), SAMESTORY_OK);
}

static samestory_verdict copy_of(const char *of)
{
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    v.relation = SAMESTORY_COPY;
    v.probability = 0.97;
    v.of = (samestory_string){of, strlen(of)};
    v.story = v.of;
    return v;
}

/* Marks the entries whose title begins with D. */
static void mark_some(const char *of)
{
    samestory_verdict v = copy_of(of);
    while (next())
        if (entry.title.size && *entry.title.data == 'D')
            assert_int_equal(samestory_feed_mark(feed, &v), SAMESTORY_OK);
}

static int tear_down(void **state)
{
    (void)state;
    samestory_feed_free(feed);
    feed = NULL;
    return 0;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static void rss_is_read(void **state)
{
    (void)state;
    open_text("<?xml version=\"1.0\"?>\n<rss version=\"2.0\" xmlns:content=\"x\" xmlns:atom=\"y\">"
              "<channel><title>Post</title><link>https://example.org/</link>"
              "<atom:link rel='self' href='https://example.org/feed'/><language>en-GB</language>"
              "<item><title>New &amp;amp; good</title><description>Short</description>"
              "<content:encoded><![CDATA[<p>One</p><p>Two &eacute;</p>]]></content:encoded>"
              "<link>https://example.org/2</link><guid isPermaLink='false'>22</guid>"
              "<pubDate>Thu, 14 Nov 2024 10:30:00 GMT</pubDate></item>"
              "<item><title>Old</title><description>&lt;b&gt;5&lt;/b&gt; &amp;lt; 6</description>"
              "<guid>https://example.org/1</guid><pubDate>Thu, 14 Nov 2024 00:00:00 GMT</pubDate>"
              "<source url='x'>z</source><media:title>No</media:title></item></channel></rss>");
    assert_true(next());
    is_string(entry.title, "Old");
    is_string(entry.text, "5 < 6");
    is_string(entry.id, "https://example.org/1 https://example.org/feed");
    is_string(entry.url, "https://example.org/1");
    assert_int_equal(entry.date, 1731542400);
    assert_true(next());
    is_string(entry.title, "New & good");
    is_string(entry.text, "One\nTwo é");
    is_string(entry.id, "22 https://example.org/feed");
    is_string(entry.url, "https://example.org/2");
    is_string(entry.language, "en-GB");
    assert_int_equal(entry.date, 1731580200);
    assert_false(next());
}

static void atom_is_read(void **state)
{
    (void)state;
    open_text(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><id>urn:f</id>"
        "<link rel='self' href='https://example.org/atom'/><title>F</title><entry>"
        "<title type='html'>&lt;i&gt;Drei&lt;/i&gt;</title><id>tag:x,2024:1</id>"
        "<link rel='enclosure' href='https://example.org/mp3'/><link href='https://example.org/3'/>"
        "<updated>2024-11-15T00:00:00Z</updated><published>2024-11-14T11:30:00+01:00</published>"
        "<summary>kurz</summary><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
        "<p>a &lt; b</p><p>c<br/>d</p></div></content><source><title>No</title></source></entry>"
        "<entry xml:lang='fr'><title>x &amp; &lt;y&gt;</title><id>2</id><content type='text'>"
        "1 &lt;p&gt; 2</content><updated>2024-11-16T00:00:00Z</updated></entry></feed>");
    assert_true(next());
    is_string(entry.title, "Drei");
    is_string(entry.text, "a < b\nc\nd");
    is_string(entry.id, "tag:x,2024:1 https://example.org/atom");
    is_string(entry.url, "https://example.org/3");
    is_string(entry.language, "de");
    assert_int_equal(entry.date, 1731580200);
    assert_true(next());
    is_string(entry.title, "x & <y>");
    is_string(entry.text, "1 <p> 2");
    is_string(entry.language, "fr");
    assert_false(next());
}

#define RDF(list, items)                                                                           \
    "<rdf:RDF xmlns:rdf='r' xmlns='http://purl.org/rss/1.0/' xmlns:dc='d'><channel "               \
    "rdf:about='https://example.org/rdf'><link>https://example.org/</link><items><rdf:Seq>" list   \
    "</rdf:Seq></items></channel>" items "</rdf:RDF>"
#define RDF_ITEM(n, title)                                                                         \
    "\n <item rdf:about='https://example.org/" n "'><title>" title "</title><link>"                \
    "https://example.org/" n "</link><description>t" n "</description>"                            \
    "<dc:date>2024-11-14T10:30:00Z</dc:date></item>"
#define RDF_LINE(n) "\n  <rdf:li rdf:resource='https://example.org/" n "'/>"

static void rss_1_is_read_and_its_list_follows(void **state)
{
    (void)state;
    open_text(RDF(RDF_LINE("1") RDF_LINE("2"), RDF_ITEM("1", "Dup") RDF_ITEM("2", "Keep")));
    assert_true(next());
    is_string(entry.title, "Dup");
    is_string(entry.text, "t1");
    is_string(entry.id, "https://example.org/1 https://example.org/rdf");
    assert_int_equal(entry.date, 1731580200);
    drop_some();
    writes_text(RDF(RDF_LINE("2"), RDF_ITEM("2", "Keep")));
}

static void json_feed_is_read(void **state)
{
    (void)state;
    open_text(
        "\xEF\xBB\xBF{\"version\":\"https://jsonfeed.org/version/1.1\",\"feed_url\":"
        "\"https://example.org/j\",\"language\":\"en\",\"items\":[{\"id\":7,\"url\":"
        "\"https://example.org/7\",\"title\":\"T &amp; t\",\"content_html\":\"<p>a</p><p>b</p>\","
        "\"summary\":\"s\",\"date_published\":\"2024-11-14T10:30:00Z\"},{\"id\":\"x\","
        "\"content_text\":\"1 <b> 2\",\"date_modified\":\"2024-11-15\",\"language\":\"fr\"}]}");
    assert_true(next());
    is_string(entry.id, "7 https://example.org/j");
    is_string(entry.title, "T & t");
    is_string(entry.text, "a\nb");
    is_string(entry.language, "en");
    assert_int_equal(entry.date, 1731580200);
    assert_true(next());
    is_string(entry.text, "1 <b> 2");
    is_string(entry.language, "fr");
    assert_false(next());
}

static void entries_come_oldest_first(void **state)
{
    (void)state;
    open_text(
        "<rss><channel><item><title>0</title></item><item><title>1</title></item>"
        "<item><title>4</title><pubDate>2024-11-14</pubDate></item>"
        "<item><title>5</title><pubDate>2024-11-14</pubDate></item><item><title>6</title></item>"
        "<item><title>2</title><pubDate>2024-11-12</pubDate></item>"
        "<item><title>3</title></item></channel></rss>");
    for (char i = '0'; i < '7'; i++) {
        assert_true(next());
        assert_int_equal(*entry.title.data, i);
    }
}

static void a_phrase_under_several_titles_is_no_text(void **state)
{
    (void)state;
    open_text("<rss><channel><item><title>a</title><description>Comments</description></item>"
              "<item><title>b</title><description>Comments</description></item>"
              "<item><title>c</title><description>Text</description></item>"
              "<item><title>c</title><description>Text</description></item>"
              "<item><description>Comments</description></item></channel></rss>");
    static const char *const texts[] = {"", "", "Text", "Text", "Comments"};
    for (size_t i = 0; i < 5; i++) {
        assert_true(next());
        is_string(entry.text, texts[i]);
    }
}

static void other_encodings_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *title;
    } feeds[] = {
        {"<?xml version='1.0' encoding='ISO-8859-1'?><rss><channel><item><title>caf\xE9</title>"
         "</item></channel></rss>",
         "café"},
        {"<?xml version='1.0' encoding='windows-1251'?><rss><channel><item><title>\xCC\xEE\xF1\xEA"
         "\xE2\xE0</title></item></channel></rss>",
         "Москва"},
        {"<?xml version='1.0' encoding='Shift_JIS'?><rss><channel><item><title>\x93\x8C\x8B\x9E\xB6"
         "</title></item></channel></rss>",
         "東京ｶ"},
        {"<?xml version='1.0' encoding='gb2312'?><rss><channel><item><title>\xB1\xB1\xBE\xA9"
         "</title></item></channel></rss>",
         "北京"},
        {"<?xml version='1.0' encoding='EUC-JP'?><rss><channel><item><title>\xC5\xEC\xB5\xFE"
         "\x8F\xB0\xA1</title></item></channel></rss>",
         "東京丂"},
        {"<?xml version='1.0' encoding='windows-1258'?><rss><channel><item><title>Vi\xEA\xF2t"
         "</title></item></channel></rss>",
         "Viê\xCC\xA3t"},
    };
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++) {
        open_text(feeds[i].bytes);
        assert_true(next());
        is_string(entry.title, feeds[i].title);
        writes_text(feeds[i].bytes);
    }
    refused("<?xml version='1.0' encoding='no-such'?><rss><channel/></rss>");
    refused(
        "<?xml version='1.0' encoding='gb2312'?><rss><channel><title>\xB1</title></channel></rss>");
}

/* ---- Writing -------------------------------------------------------------------------------- */

#define HEAD "<?xml version=\"1.0\"?>\r\n<rss version='2.0'>\n<channel><title>x</title>"
#define TAIL "\n\t</channel>\n</rss>\n<!-- end -->\n"

static void dropped_items_go_with_the_blanks_before_them(void **state)
{
    (void)state;
    open_text(HEAD "\n\t<item><title>A</title></item>\n\t<item a = 'b' ><title>D</title></item >"
                   "\n\t<item><title>B</title></item><item><title>Da</title></item>" TAIL);
    drop_some();
    writes_text(HEAD "\n\t<item><title>A</title></item>\n\t<item><title>B</title></item>" TAIL);
    open_text(HEAD "\n<item><title>D</title></item>" TAIL);
    drop_some();
    writes_text(HEAD TAIL);
}

static void nothing_decided_is_nothing_changed(void **state)
{
    (void)state;
    const char *text = HEAD "<item><title>A &#x41; <![CDATA[<x>]]></title></item><item/>" TAIL;
    open_text(text);
    while (next()) {
    }
    writes_text(text);
}

#define VERDICT(of)                                                                                \
    "<samestory:verdict xmlns:samestory=\"urn:x-samestory:verdict\" relation=\"copy\" of=\"" of    \
    "\" story=\"" of "\" p=\"0.97\"/>"

static void marks_are_written_and_replaced(void **state)
{
    (void)state;
    open_text(HEAD "<item><title>A</title></item><item><title>D</title></item>" TAIL);
    mark_some("a https://example.org/feed"); /* the address of the feed isn't shown */
    writes_text(HEAD "<item><title>A</title></item><item><title>D</title>"
                     "<category>samestory:copy</category>" VERDICT("a") "</item>" TAIL);
    open_text(HEAD "<item><title>D</title><category>other</category><category>samestory:story"
                   "</category><samestory:verdict x='y'></samestory:verdict></item>" TAIL);
    mark_some("b \"<&\xC3\xA9\x01");
    writes_text(HEAD "<item><title>D</title><category>other</category>"
                     "<category>samestory:copy</category>" VERDICT(
                         "b &#x22;&#x3C;&#x26;&#xE9;&#xFFFD;") "</item>" TAIL);
}

static void marks_fit_the_kind_of_feed(void **state)
{
    (void)state;
    open_text(
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>D</a:title></a:entry>"
        "</a:feed>");
    mark_some("x");
    writes_text("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>D</a:title>"
                "<a:category term=\"samestory:copy\"/>" VERDICT("x") "</a:entry></a:feed>");
    open_text(RDF("", RDF_ITEM("1", "Dup")));
    mark_some("x");
    char *out = NULL;
    size_t size;
    assert_int_equal(samestory_feed_write(feed, &out, &size, &error), SAMESTORY_OK);
    assert_non_null(strstr(out, "<dc:subject xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
                                "samestory:copy</dc:subject>" VERDICT("x") "</item></rdf:RDF>"));
    samestory_free(out);
}

#define ITEM(title, more) "{\"title\" : \"" title "\"" more "}"
#define JSON_MARK         "{\"story\":\"x\",\"relation\":\"copy\",\"of\":\"x\",\"p\":0.97,\"because\":[]}"

static void json_feeds_lose_entries_with_their_commas(void **state)
{
    (void)state;
    static const char *const feeds[][2] = {
        {"{\"items\": [ " ITEM("A", "") " ,\n" ITEM("D", "") ", " ITEM("B", "") " ] }",
         "{\"items\": [ " ITEM("A", "") ", " ITEM("B", "") " ] }"},
        {"{\"items\": [ " ITEM("D", "") " ,\n" ITEM("D", "") ", " ITEM("B", "") " ] }",
         "{\"items\": [ " ITEM("B", "") " ] }"},
        {"{\"items\": [ " ITEM("D", "") ", " ITEM("B", "") ", " ITEM("D", "") " ] }",
         "{\"items\": [ " ITEM("B", "") " ] }"},
        {"{\"items\": [ " ITEM("D", "") ", " ITEM("D", "") " ] }", "{\"items\": [  ] }"},
        {"{\"items\":[],\"x\":1e999}\n", "{\"items\":[],\"x\":1e999}\n"}};
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++) {
        open_text(feeds[i][0]);
        drop_some();
        writes_text(feeds[i][1]);
    }
}

static void json_feeds_carry_marks(void **state)
{
    (void)state;
    static const char *const feeds[][2] = {
        {"{\"items\":[" ITEM("D", " ") "]}",
         "{\"items\":[" ITEM("D",
                             ",\"_samestory\":" JSON_MARK ",\"tags\":[\"samestory:copy\"] ") "]}"},
        {"{\"items\":[" ITEM("D", ",\"tags\":[]") "]}",
         "{\"items\":[" ITEM("D", ",\"tags\":[\"samestory:copy\"],\"_samestory\":" JSON_MARK) "]}"},
        {"{\"items\":[" ITEM("D", ",\"tags\":[ \"a\"],\"_samestory\":7,\"z\":1") "]}",
         "{\"items\":[" ITEM("D", ",\"tags\":[\"samestory:copy\", \"a\"],\"_samestory\":" JSON_MARK
                                  ",\"z\":1") "]}"},
        {"{\"items\":[" ITEM("D", ",\"tags\":[\"a\",\"samestory:story\"]") "]}",
         "{\"items\":[" ITEM(
             "D", ",\"tags\":[\"a\",\"samestory:copy\"],\"_samestory\":" JSON_MARK) "]}"}};
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++) {
        open_text(feeds[i][0]);
        mark_some("x");
        writes_text(feeds[i][1]);
    }
}

/* ASCII as UTF-16 with a byte order mark; returns the size. */
static size_t widen(const char *text, bool big_endian, char *out)
{
    size_t size = 0;
    out[size + !big_endian] = (char)0xFE;
    out[size + big_endian] = (char)0xFF;
    for (size += 2; *text; text++, size += 2) {
        out[size + big_endian] = *text;
        out[size + !big_endian] = 0;
    }
    return size;
}

static void utf_16_stays_utf_16(void **state)
{
    (void)state;
    char in[2000], out[4000];
    for (int big = 0; big < 2; big++) {
        size_t size = widen("<rss><channel> <item><title>D</title></item> <item><title>Da</title>"
                            "</item></channel></rss>",
                            big, in);
        open_feed(in, size);
        samestory_verdict v = copy_of("\xC3\xA9");
        assert_true(next());
        is_string(entry.title, "D");
        assert_int_equal(samestory_feed_mark(feed, &v), SAMESTORY_OK);
        assert_true(next());
        assert_int_equal(samestory_feed_drop(feed), SAMESTORY_OK);
        size = widen(
            "<rss><channel> <item><title>D</title><category>samestory:copy</category>" VERDICT(
                "&#xE9;") "</item></channel></rss>",
            big, out);
        writes(out, size);
    }
}

/* ---- Trouble -------------------------------------------------------------------------------- */

static void what_is_no_feed_is_refused(void **state)
{
    (void)state;
    refused("");
    refused("no XML");
    refused("<html><body>x</body></html>");
    refused("<rss><channel><item></channel></rss>");
    refused("<rss><channel><item><title>a & b</title></item></channel></rss>");
    refused("<rss><channel><title>\xE9</title></channel></rss>");
    refused("<rss><channel></channel></rss> more");
    refused("<rss><channel>");
    refused("{\"items\":[1]}");
    refused("{\"items\":{}}");
    refused("{\"entries\":[]}");
    refused("{\"items\":[{}]");
    refused("[]");
}

static void entities_do_no_harm(void **state)
{
    (void)state;
    refused("<!DOCTYPE rss [<!ENTITY a 'xxxxxxxxxx'><!ENTITY b '&a;&a;&a;'>]>"
            "<rss><channel><item><title>&b;</title></item></channel></rss>");
    open_text("<!DOCTYPE rss [<!ENTITY nbsp '&#160;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
              "<rss><channel><item><title>a&nbsp;b&f;</title></item></channel></rss>");
    assert_true(next());
    is_string(entry.title, "a\xC2\xA0"
                           "b");
    const char *hidden = "<!DOCTYPE rss [<!ENTITY i '<item><title>D</title></item>'>]>"
                         "<rss><channel>&i;<item><title>B</title></item></channel></rss>";
    open_text(hidden);
    drop_some(); /* it has no bytes of its own that could be taken away */
    writes_text(hidden);
    char *big = malloc(3 << 20);
    assert_non_null(big);
    size_t size = (size_t)sprintf(big, "<!DOCTYPE rss [<!ENTITY a '");
    memset(big + size, 'x', 1 << 20);
    size += 1 << 20;
    size += (size_t)sprintf(big + size, "'>]><rss><channel><item><title>");
    for (int i = 0; i < 200000; i++) size += (size_t)sprintf(big + size, "&a;");
    size += (size_t)sprintf(big + size, "</title></item></channel></rss>");
    samestory_feed *none = NULL;
    assert_int_equal(samestory_feed_open(big, size, &none, &error), SAMESTORY_BAD_RECORD);
    free(big);
}

static void deep_and_many_are_read(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    char *big = malloc((size_t)MANY * 60);
    assert_non_null(big);
    size_t size = (size_t)sprintf(big, "<rss><channel><item><description>");
    for (int i = 0; i < MANY; i++) size += (size_t)sprintf(big + size, "<div>");
    size += (size_t)sprintf(big + size, "deep");
    for (int i = 0; i < MANY; i++) size += (size_t)sprintf(big + size, "</div>");
    size += (size_t)sprintf(big + size, "</description></item>");
    for (int i = 0; i < MANY; i++)
        size += (size_t)sprintf(big + size, "<item><title>D</title></item>");
    size += (size_t)sprintf(big + size, "</channel></rss>");
    open_feed(big, size);
    size_t dropped = 0;
    bool deep = false;
    while (next()) {
        deep |= entry.text.size == 4 && !memcmp(entry.text.data, "deep", 4);
        if (entry.title.size) samestory_feed_drop(feed), dropped++;
    }
    assert_true(deep);
    assert_int_equal(dropped, MANY);
    char *out;
    size_t left;
    assert_int_equal(samestory_feed_write(feed, &out, &left, &error), SAMESTORY_OK);
    assert_int_equal(left, size - MANY * strlen("<item><title>D</title></item>"));
    samestory_free(out);
    free(big);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    samestory_verdict v = copy_of("x");
    open_text("<rss><channel><item/></channel></rss>");
    assert_int_equal(samestory_feed_drop(feed), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_feed_mark(feed, &v), SAMESTORY_BAD_ARGUMENT);
    assert_true(next());
    assert_int_equal(samestory_feed_mark(feed, NULL), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_feed_mark(feed, &v), SAMESTORY_OK);
    writes_text("<rss><channel><item/></channel></rss>"); /* it has no room for a mark */
    assert_int_equal(samestory_feed_next(NULL, &entry, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_feed_open("x", 1, NULL, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_feed_write(feed, NULL, NULL, &error), SAMESTORY_BAD_ARGUMENT);
    samestory_feed_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rss_is_read),
        cmocka_unit_test(atom_is_read),
        cmocka_unit_test(rss_1_is_read_and_its_list_follows),
        cmocka_unit_test(json_feed_is_read),
        cmocka_unit_test(entries_come_oldest_first),
        cmocka_unit_test(a_phrase_under_several_titles_is_no_text),
        cmocka_unit_test(other_encodings_are_read),
        cmocka_unit_test(dropped_items_go_with_the_blanks_before_them),
        cmocka_unit_test(nothing_decided_is_nothing_changed),
        cmocka_unit_test(marks_are_written_and_replaced),
        cmocka_unit_test(marks_fit_the_kind_of_feed),
        cmocka_unit_test(json_feeds_lose_entries_with_their_commas),
        cmocka_unit_test(json_feeds_carry_marks),
        cmocka_unit_test(utf_16_stays_utf_16),
        cmocka_unit_test(what_is_no_feed_is_refused),
        cmocka_unit_test(entities_do_no_harm),
        cmocka_unit_test(deep_and_many_are_read),
        cmocka_unit_test(wrong_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
