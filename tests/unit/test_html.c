/* HTML: a reader of the page and of the text that comes out would read the same report; whatever
 * the bytes are, they are read in time that grows with their number. */
#include "unit.h"

#include "text/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static ss_html *html;
static ss_html_result result;

static void read_bytes(ss_html_mode mode, const char *bytes, size_t size)
{
    char *exact = malloc(size + !size);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    assert_int_equal(ss_html_read(html, mode, exact, size, &result), SAMESTORY_OK);
    free(exact); /* what comes out must not point into it */
}

static void is_string(samestory_string got, const char *expected)
{
    if (got.size != strlen(expected) || memcmp(got.data, expected, got.size) != 0)
        fail_msg("\"%.*s\" instead of \"%s\"", (int)got.size, got.data ? got.data : "", expected);
}

static void fragment(const char *bytes, const char *expected)
{
    read_bytes(SS_HTML_FRAGMENT, bytes, strlen(bytes));
    is_string(result.text, expected);
}

static void page(const char *bytes, const char *expected)
{
    read_bytes(SS_HTML_PAGE, bytes, strlen(bytes));
    is_string(result.text, expected);
}

static int set_up(void **state)
{
    (void)state;
    html = ss_html_new();
    return html ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ss_html_free(html);
    return 0;
}

/* ---- Fragments ------------------------------------------------------------------------------ */

static void blocks_are_lines_and_spaces_collapse(void **state)
{
    (void)state;
    fragment("<p>One  two\n three</p><p>Four</p>", "One two three\nFour");
    fragment("plain text", "plain text");
    fragment("  One<br>two<br/>three ", "One\ntwo\nthree");
    fragment("<ul><li>a<li>b</ul>c", "a\nb\nc");
    fragment("<b>bo</b>ld <i>it</i> <u>x</u>", "bold it x");
    fragment("<p>No<p>end<div>tags", "No\nend\ntags");
    fragment("<h2>Head</h2>text<table><tr><td>1</td><td>2</td></tr></table>", "Head\ntext\n1\n2");
    fragment("", "");
    fragment("<p></p> <br> <div> </div>", "");
}

static void characters_are_decoded(void **state)
{
    (void)state;
    fragment("caf&eacute; &amp; &lt;b&gt; &#8217; &#x2019; &euro;&nbsp;5", "café & <b> ’ ’ € 5");
    fragment("AT&T &c &unknown; & 1 < 2 a<b", "AT&T &c &unknown; & 1 < 2 a");
    fragment("Việt Nam 東京 Москва", "Việt Nam 東京 Москва");
    fragment("mini&shy;ster a\xC2\xA0 b", "minister a b");
    fragment("&#147;Go&#148; &#150; &#128;9", "“Go” – €9");
}

static void bytes_that_are_not_utf8_are_spaces(void **state)
{
    (void)state;
    read_bytes(SS_HTML_FRAGMENT, "<p>caf\xE9 \xE2\x82\xAC Vi\xE1\xBB\x87t\0\1x</p>", 23);
    is_string(result.text, "caf € Việt x");
}

static void control_characters_are_spaces(void **state)
{
    (void)state;
    char bytes[64];
    for (unsigned char c = 1; c < 0x80; c++) { /* at each place of a word of the machine */
        if (c == '<' || c == '&') continue;
        for (size_t at = 1; at < 20; at++) {
            memset(bytes, 'x', sizeof bytes);
            bytes[at] = (char)c;
            bytes[at + 20] = (char)0x80;
            read_bytes(SS_HTML_FRAGMENT, bytes, sizeof bytes);
            if (result.text.size != sizeof bytes)
                fail_msg("%d at %zu: %zu", c, at, result.text.size);
            assert_int_equal(result.text.data[at], c < ' ' ? ' ' : c);
            assert_int_equal(result.text.data[at + 20], ' ');
        }
    }
}

static void what_no_reader_sees_is_left_out(void **state)
{
    (void)state;
    fragment(
        "a<script>if (a < b) { '<p>no</p>' }</script>b<style>p{x}</style>"
        "<noscript>no</noscript><template><p>no</p></template><!-- no --><svg><title>no</title>"
        "<text>no</text></svg><iframe>no</iframe><textarea>no</textarea>c",
        "abc");
    fragment("<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>都", "東京都");
}

static void a_fragment_keeps_everything_else(void **state)
{
    (void)state;
    fragment("<nav><a href=x>Home</a></nav><aside>Note</aside><p hidden>h</p><footer>End</footer>",
             "Home\nNote\nh\nEnd");
}

/* ---- Pages ---------------------------------------------------------------------------------- */

#define LONG_ONE                                                                                   \
    "The minister said on Tuesday that the talks in Port Renwick would go on for another week, "   \
    "because several delegations had asked for more time to read the draft of the agreement."
#define LONG_TWO                                                                                   \
    "Opposition leaders called the delay a sign of weakness and announced that they would ask "    \
    "the parliament for an inquiry into the costs of the conference, which has run for 12 days."

static void the_report_is_kept_and_its_surroundings_are_not(void **state)
{
    (void)state;
    page("<!DOCTYPE html><html lang=en><head><title>Talks go on | Daily Post</title></head><body>"
         "<header><a href=/>Daily Post</a></header><nav><ul><li><a href=/a>World</a><li>"
         "<a href=/b>Sport</a></ul></nav><div id=c><p>We and our partners store data on your "
         "device to show you ads that fit, and to count visits to this site, forever.</p>"
         "<button>Accept</button><button>Refuse</button></div>"
         "<article><h1>Talks go on</h1><p>By Lena Quist</p><p>" LONG_ONE
         "</p><h2>Delay</h2><p>" LONG_TWO
         "</p><p>It ends here.</p><aside>Related: Storm kills seven people in the north, "
         "mayor says, and more rain is expected for the whole of the coming week.</aside></article>"
         "<div><ul><li><a href=1>Storm kills seven in north</a></li><li><a href=2>Prices rise "
         "again</a></li><li><a href=3>Team wins cup</a></li></ul></div>"
         "<footer>© 2026 Daily Post. All rights reserved by the publisher of this newspaper and "
         "its many partners in the whole world, wherever they may be.</footer></body></html>",
         LONG_ONE "\nDelay\n" LONG_TWO "\nIt ends here.");
    is_string(result.title, "Talks go on");
    is_string(result.language, "en");
}

static void pages_without_named_parts_are_told_apart_by_their_links(void **state)
{
    (void)state;
    page("<html><body><table><tr><td><a href=1>Home</a><br><a href=2>News</a><br><a href=3>"
         "Contact us</a></td><td><font>" LONG_ONE "<br><br>" LONG_TWO "</font></td></tr></table>"
         "<div><a href=4>Imprint</a> | <a href=5>Privacy</a> | <a href=6>Terms of use</a></div>",
         LONG_ONE "\n" LONG_TWO);
}

static void hidden_elements_are_left_out(void **state)
{
    (void)state;
    page("<p>" LONG_ONE "</p><div hidden><p>" LONG_ONE "</p></div><p>" LONG_TWO
         "</p><p style='color:red;display: none'>" LONG_ONE
         "</p><p>One<span aria-hidden=true>*</span>"
         " " LONG_TWO "</p>",
         LONG_ONE "\n" LONG_TWO "\nOne " LONG_TWO);
}

static void teasers_of_other_reports_are_left_out(void **state)
{
    (void)state;
    char bytes[8192] = "<html><body><div><p>" LONG_ONE "</p><p>" LONG_TWO "</p></div><ul>";
    for (int i = 0; i < 6; i++)
        strcat(bytes, "<li><a href=x>A storm has killed seven people in the north of the country"
                      "</a><p>Mayor says that help is on its way to all of the villages.</p></li>");
    strcat(bytes, "</ul></body></html>");
    page(bytes, LONG_ONE "\n" LONG_TWO);
}

static void lines_that_come_again_and_again_are_left_out(void **state)
{
    (void)state;
    page("<body><p>" LONG_ONE "</p><p>Share</p><p>" LONG_TWO "</p><p>Share</p><p>" LONG_ONE
         "</p><p>Share</p><p>" LONG_TWO "</p>",
         LONG_ONE "\n" LONG_TWO "\n" LONG_ONE "\n" LONG_TWO);
}

static void chinese_needs_fewer_letters_for_a_paragraph(void **state)
{
    (void)state;
    const char *text =
        "外交部长星期二表示，由于多个代表团要求更多时间阅读协议草案，会谈将再延长一个星期。"
        "反对党领袖称推迟是软弱的表现，并宣布将要求议会调查会议的费用。";
    char bytes[2048];
    snprintf(bytes, sizeof bytes,
             "<body><div><a href=1>首页</a> <a href=2>新闻</a> <a href=3>体育</a></div><p>%s</p>"
             "<div>版权所有</div></body>",
             text);
    page(bytes, text);
}

static void a_page_is_never_empty_because_of_the_rules(void **state)
{
    (void)state;
    page("<nav><p>" LONG_ONE "</p><p>" LONG_TWO "</p>", LONG_ONE "\n" LONG_TWO);
    page("<article><h1>Note</h1><p>Trains between Dal and Port Renwick run again.</p></article>"
         "<footer>Daily Post</footer>",
         "Note\nTrains between Dal and Port Renwick run again.");
    page("<div style='display: none'><p>" LONG_ONE "</p></div>", LONG_ONE);
    page("<p>Short.</p>", "Short.");
    page("<a href=x>Only a link</a>", "Only a link");
    page("", "");
}

static void a_page_says_what_it_is(void **state)
{
    (void)state;
    page("<html lang='pt-BR'><head><title>Chuva forte - Jornal</title><meta property='og:title' "
         "content='Chuva forte &amp; vento'><link rel=canonical href='https://example.org/chuva'>"
         "<meta property='article:published_time' content='2024-11-14T10:30:00Z'></head><body>x",
         "x");
    is_string(result.title, "Chuva forte & vento");
    is_string(result.language, "pt-BR");
    is_string(result.url, "https://example.org/chuva");
    assert_int_equal(result.date, 1731580200);
    page("<head><script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"datePublished\": "
         "\"2024-11-14T11:30:00+01:00\"}</script></head><body>x",
         "x");
    assert_int_equal(result.date, 1731580200);
    page("<body>x", "x");
    assert_int_equal(result.date, SAMESTORY_NO_DATE);
    is_string(result.title, "");
    is_string(result.language, "");
    is_string(result.url, "");
}

static void the_sites_name_is_no_title(void **state)
{
    (void)state;
    page("<title>Rain in Dal - The Harbour Post</title><h1>The Harbour Post</h1><main><h1>Rain in "
         "Dal</h1><p>" LONG_ONE "</p><p>" LONG_TWO "</p></main>",
         LONG_ONE "\n" LONG_TWO);
    is_string(result.title, "Rain in Dal");
    page("<title>Rain in Dal, again | Post</title><h1>Post</h1><h1>Rain in Dal, "
         "again</h1><p>" LONG_ONE,
         "Post\n" LONG_ONE);
    is_string(result.title, "Rain in Dal, again");
    page("<title>Rain in Dal | Post</title><h1>Post</h1><p>" LONG_ONE, "Post\n" LONG_ONE);
    is_string(result.title, "Rain in Dal | Post");
}

/* ---- Hostile bytes -------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Writes `part` with its '#' as a number. */
static size_t put_part(char *out, const char *part, int number)
{
    char *begin = out;
    for (; *part; part++)
        if (*part == '#')
            out += sprintf(out, "%d", number);
        else
            *out++ = *part;
    return (size_t)(out - begin);
}

/* Reads a text that repeats `part` up to a MiB, then `tail` up to another one (less under the
 * sanitizers). */
static double time_of(ss_html_mode mode, const char *part, const char *tail)
{
    size_t half = (size_t)1 << (getenv("SAMESTORY_SANITIZED") ? 18 : 20);
    char *bytes = malloc(2 * half + 64);
    assert_non_null(bytes);
    size_t size = 0;
    for (int i = 0; size < half; i++) size += put_part(bytes + size, part, i);
    for (int i = 0; *tail && size < 2 * half; i++) size += put_part(bytes + size, tail, i);
    double begin = seconds();
    assert_int_equal(ss_html_read(html, mode, bytes, size, &result), SAMESTORY_OK);
    free(bytes);
    return seconds() - begin;
}

static void hostile_pages_are_read_in_time(void **state)
{
    (void)state;
    static const char *const pages[][2] = {{"<div>", "</div>"},
                                           {"<i a=#>", "<p>x"},
                                           {"<i>", "</b>"},
                                           {"<a ", ""},
                                           {"a# ", ""},
                                           {"&", ""},
                                           {"<", ""},
                                           {"<!--", ""},
                                           {"<script></", ""},
                                           {"<a href=\"", ""},
                                           {"<ul><li><a>x", ""},
                                           {"<p>x#", ""},
                                           {"<table><td>", ""},
                                           {"</p>", ""},
                                           {"<br>", ""},
                                           {"<select><option>", ""},
                                           {"<title>", ""},
                                           {"<form><button>", ""},
                                           {"<article><p>x", ""},
                                           {"]]><![CDATA[", ""},
                                           {"<font size=#>x", "</font>"},
                                           {"<a a#='x'/", ""},
                                           {"&#x41;", ""},
                                           {"<a x# ", ""},
                                           {"<a x#='' ", "</b>"}};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        for (int mode = 0; mode < 2; mode++) {
            double took = time_of((ss_html_mode)mode, pages[i][0], pages[i][1]);
            if (took > 8) fail_msg("%s%s: %.1f s", pages[i][0], pages[i][1], took);
            if (getenv("SHOW_TIMES"))
                print_message("# %s %s %.2f s\n", pages[i][0], pages[i][1], took);
        }
    }
}

static void text_below_a_million_open_elements_is_found(void **state)
{
    (void)state;
    enum { NESTED = 1000000 };
    size_t size = 0, capacity = (size_t)NESTED * 5 + 16;
    char *bytes = malloc(capacity);
    assert_non_null(bytes);
    memcpy(bytes, "top ", 4);
    for (size = 4; size < capacity - 12; size += 5) memcpy(bytes + size, "<div>", 5);
    memcpy(bytes + size, "bottom", 6);
    read_bytes(SS_HTML_FRAGMENT, bytes, size + 6);
    is_string(result.text, "top\nbottom");
    free(bytes);
}

static void no_word_is_lost_where_the_parser_begins_anew(void **state)
{
    (void)state;
    char bytes[16384] = "", expected[8192] = "";
    for (int i = 0; i < 600; i++) {
        size_t at = strlen(bytes), to = strlen(expected);
        snprintf(bytes + at, sizeof bytes - at, "<b id='%d'>w%d ", i, i);
        snprintf(expected + to, sizeof expected - to, "%sw%d", to ? " " : "", i);
    }
    read_bytes(SS_HTML_FRAGMENT, bytes, strlen(bytes));
    for (size_t i = 0; i < result.text.size; i++)
        if (result.text.data[i] == '\n') ((char *)(uintptr_t)result.text.data)[i] = ' ';
    is_string(result.text, expected);
}

static void a_text_is_cut_at_what_is_looked_at(void **state)
{
    (void)state;
    size_t size = (size_t)6 << 20;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) bytes[i] = i % 100 == 99 ? '\n' : 'x';
    memcpy(bytes, "<p>", 3);
    for (size_t i = 1000; i + 4 < size; i += 1000) memcpy(bytes + i, "<br>", 4);
    read_bytes(SS_HTML_FRAGMENT, bytes, size);
    assert_true(result.cut);
    assert_in_range(result.text.size, 4 << 20, 5 << 20);
    read_bytes(SS_HTML_FRAGMENT, "<p>x", 4);
    assert_false(result.cut);
    free(bytes);
}

/* ---- Encodings ------------------------------------------------------------------------------ */

static void charset(const char *bytes, const char *expected)
{
    char name[32] = "";
    bool found = ss_html_charset(bytes, strlen(bytes), name, sizeof name);
    assert_int_equal(found, expected != NULL);
    if (expected) assert_string_equal(name, expected);
}

static void the_declared_encoding_is_found(void **state)
{
    (void)state;
    charset("<meta charset=UTF-8>", "utf-8");
    charset("<html><head><META CharSet = 'Windows-1251'/>", "windows-1251");
    charset("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=ISO-8859-1\">",
            "iso-8859-1");
    charset("<meta content='text/html;charset=\"euc-jp\"' http-equiv=content-type>", "euc-jp");
    charset("<meta name=x content='text/html; charset=big5'>", NULL);
    charset("<!-- <meta charset=big5> --><meta charset=gbk>", "gbk");
    charset("<script a='<meta charset=big5>'></script><meta charset=gbk>", "gbk");
    charset("<?xml version='1.0'?><!doctype html><meta/charset=koi8-r>", "koi8-r");
    charset("<meta charset=utf-16le>", "utf-8");
    charset("\xEF\xBB\xBF<meta charset=big5>", "utf-8");
    charset("\xFF\xFE<", "utf-16le");
    charset("<metal charset=big5>", NULL);
    charset("<p>charset=big5", NULL);
    charset("", NULL);
    charset("<meta charset=", NULL);
    charset("<meta charset='this-name-is-longer-than-any-real-one-is'>", NULL);
}

static void only_the_first_kilobyte_declares(void **state)
{
    (void)state;
    char bytes[2048];
    memset(bytes, ' ', sizeof bytes);
    memcpy(bytes + 1100, "<meta charset=gbk>", 18);
    char name[32];
    assert_false(ss_html_charset(bytes, sizeof bytes, name, sizeof name));
    memcpy(bytes + 900, "<meta charset=gbk>", 18);
    assert_true(ss_html_charset(bytes, sizeof bytes, name, sizeof name));
}

static void markup_is_told_from_plain_text(void **state)
{
    (void)state;
    static const char *const markup[] = {"<p>x</p>", "a<br>b",     "a<br/>",     "<a href='x'>",
                                         "AT&amp;T", "it&#8217;s", "<!-- x -->", "</div>"};
    static const char *const plain[] = {
        "", "a < b and c > d", "AT&T", "<3", "<Reuters> said", "x&y;", "<p", "R&D; more"};
    for (size_t i = 0; i < sizeof markup / sizeof *markup; i++)
        assert_true(ss_html_is_markup(markup[i], strlen(markup[i])));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_false(ss_html_is_markup(plain[i], strlen(plain[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_lines_and_spaces_collapse),
        cmocka_unit_test(characters_are_decoded),
        cmocka_unit_test(bytes_that_are_not_utf8_are_spaces),
        cmocka_unit_test(control_characters_are_spaces),
        cmocka_unit_test(what_no_reader_sees_is_left_out),
        cmocka_unit_test(a_fragment_keeps_everything_else),
        cmocka_unit_test(the_report_is_kept_and_its_surroundings_are_not),
        cmocka_unit_test(pages_without_named_parts_are_told_apart_by_their_links),
        cmocka_unit_test(hidden_elements_are_left_out),
        cmocka_unit_test(teasers_of_other_reports_are_left_out),
        cmocka_unit_test(lines_that_come_again_and_again_are_left_out),
        cmocka_unit_test(chinese_needs_fewer_letters_for_a_paragraph),
        cmocka_unit_test(a_page_is_never_empty_because_of_the_rules),
        cmocka_unit_test(a_page_says_what_it_is),
        cmocka_unit_test(the_sites_name_is_no_title),
        cmocka_unit_test(hostile_pages_are_read_in_time),
        cmocka_unit_test(text_below_a_million_open_elements_is_found),
        cmocka_unit_test(no_word_is_lost_where_the_parser_begins_anew),
        cmocka_unit_test(a_text_is_cut_at_what_is_looked_at),
        cmocka_unit_test(the_declared_encoding_is_found),
        cmocka_unit_test(only_the_first_kilobyte_declares),
        cmocka_unit_test(markup_is_told_from_plain_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
