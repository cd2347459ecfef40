/* Any bytes are read as HTML: what comes out is UTF-8 without control characters but line ends, no
 * longer than what a page can hold, and the same again the next time.
 *
 * Input: one byte of choices, then the page. */
#include "fuzz.h"

#include "text/html.h"
#include "text/utf8.h"

static ss_html *html, *other;

static void check_text(samestory_string s)
{
    must(s.data || !s.size);
    for (size_t at = 0; at < s.size;) {
        uint32_t c = ss_utf8_next(s.data, s.size, &at);
        must(c != SS_BAD_POINT && (c >= ' ' || c == '\n'));
    }
    for (size_t i = 1; i < s.size; i++) must(s.data[i] != '\n' || s.data[i - 1] != '\n');
    must(!s.size || (s.data[0] != '\n' && s.data[s.size - 1] != '\n'));
}

static int same(samestory_string a, samestory_string b)
{
    return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ss_html_result a, b;
    char name[32];
    if (!html) html = ss_html_new(), other = ss_html_new();
    must(html && other);
    if (!size) return 0;
    ss_html_mode mode = data[0] & 1 ? SS_HTML_PAGE : SS_HTML_FRAGMENT;
    const char *bytes = (const char *)data + 1;
    must(!ss_html_read(html, mode, bytes, size - 1, &a));
    check_text(a.text);
    check_text(a.title);
    must(a.text.size <= 3 * size && a.title.size <= 3 * size);
    must(!ss_html_read(html, (ss_html_mode)!mode, bytes, size - 1, &b)); /* leaves nothing behind */
    must(!ss_html_read(html, mode, bytes, size - 1, &a));
    must(!ss_html_read(other, mode, bytes, size - 1, &b));
    must(same(a.text, b.text) && same(a.title, b.title) && same(a.url, b.url));
    must(same(a.language, b.language) && a.date == b.date && a.cut == b.cut);
    if (ss_html_charset(bytes, size - 1, name, sizeof name)) must(strlen(name) > 0);
    (void)ss_html_is_markup(bytes, size - 1);
    return 0;
}

#ifndef SAMESTORY_LIBFUZZER
static size_t make_input(uint64_t seed, uint8_t *out, size_t capacity)
{
    static const char *const parts[] = {
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<div hidden>",
        "<b>",
        "</i>",
        "<a href=\"x\">",
        "</a>",
        "<ul>",
        "<li>",
        "</ul>",
        "<table>",
        "<td>",
        "<tr>",
        "</table>",
        "<h1>",
        "</h1>",
        "<nav>",
        "</nav>",
        "<article>",
        "</article>",
        "<script>",
        "</script>",
        "<style>",
        "<title>",
        "</title>",
        "<!-- ",
        " -->",
        "<br>",
        "<hr/>",
        "<svg>",
        "</svg>",
        "<button>",
        "</button>",
        "<template>",
        "</template>",
        "<body>",
        "</body>",
        "</html>",
        "<html lang=vi>",
        "<head>",
        "<meta charset=gbk>",
        "<meta property=og:title content='T &amp; t'>",
        "<script type='application/ld+json'>",
        "\"datePublished\":\"2024-11-14\"",
        "<time datetime=2024-11-14>",
        "<select>",
        "<option>",
        "<form>",
        "<textarea>",
        "<ruby>",
        "<rt>",
        "<![CDATA[",
        "]]>",
        "<?php ",
        "?>",
        "<!DOCTYPE html>",
        "&amp;",
        "&nbsp;",
        "&#150;",
        "&#x10FFFF;",
        "&#0;",
        "&#xD800;",
        "&shy;",
        "&bogus;",
        "<",
        ">",
        "\"",
        "'",
        "=",
        "/",
        " ",
        "\n",
        "word ",
        "A sentence of some length that ends with a full stop, as they do. ",
        "Tokyo \xE6\x9D\xB1\xE4\xBA\xAC",
        "caf\xC3\xA9",
        "\xE9",
        "\xC2\xA0",
        "\xF0\x9F\x98\x80",
        "\xED\xA0\x80",
        "<p style='display: none'>",
        "<x-y z",
        "<a b='"};
    const uint32_t count = sizeof parts / sizeof *parts;
    size_t size = 1, limit = 1 + fuzz_random(&seed, seed % 50 ? 2000 : (uint32_t)capacity - 100);
    out[0] = (uint8_t)fuzz_random(&seed, 256);
    while (size < limit) {
        uint32_t kind = fuzz_random(&seed, 20), times = 1;
        const char *part = parts[fuzz_random(&seed, count)];
        if (!kind) {
            out[size++] = (uint8_t)fuzz_random(&seed, 256);
            continue;
        }
        if (kind == 1) times = fuzz_random(&seed, 300);
        for (size_t n = strlen(part); times && size + n < limit; times--, size += n)
            memcpy(out + size, part, n);
        if (size + strlen(part) >= limit) break;
    }
    return size;
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "HTML", 4000, 100000);
}
#endif
