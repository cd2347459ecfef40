/* One JSON record, parsed by simdjson's DOM; see json.h.
 *
 * Measured on 40,000 news records of 2.4 KB (98 MB, Xeon with AVX-512, one thread, simdjson 3.0.1):
 * DOM 1,300-1,550 MB/s; On-Demand 1,200-1,290 MB/s when it visits, and so checks, every value
 * (1,740-2,010 when it reads one field and lets mistakes elsewhere pass); yajl 205-225; jansson
 * 37-44. So the DOM: the fastest of those that check the whole record. */
#include "text/json.h"
#include "text/input.h"
#include "text/repair.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <simdjson.h>
#include <string_view>

using namespace simdjson;

static_assert(SS_INPUT_PADDING >= SIMDJSON_PADDING, "lines need more padding for simdjson");

/* After a record of more than this, the parser's memory (some ten times the record) is given back.
 */
static constexpr size_t KEPT_CAPACITY = size_t(16) << 20;

struct ss_json {
    dom::parser parser;
    dom::element root;
};

extern "C" ss_json *ss_json_new(void)
{
    return new (std::nothrow) ss_json;
}

extern "C" void ss_json_free(ss_json *json)
{
    delete json;
}

static const char *reason(error_code code)
{
    switch (code) {
    case CAPACITY: return "record too long for the JSON parser: split it";
    case DEPTH_ERROR: return "broken JSON: nested too deeply, more than 1,024 levels";
    case STRING_ERROR: return "broken JSON: bad escape in a string";
    case NUMBER_ERROR: return "broken JSON: bad number";
    case T_ATOM_ERROR:
    case F_ATOM_ERROR:
    case N_ATOM_ERROR: return "broken JSON: neither true nor false nor null";
    case UNESCAPED_CHARS: return "broken JSON: a control character in a string is not escaped";
    case UNCLOSED_STRING: return "broken JSON: a string does not end; is the record cut off?";
    case EMPTY: return "broken JSON: nothing there";
    default: return "broken JSON: not one whole object on a line";
    }
}

/* Parses a copy in which what simdjson refuses is made readable. */
static error_code parse_repaired(ss_json *json, const char *data, size_t size)
{
    size_t needed = ss_json_repair(data, size, nullptr);
    char *copy = static_cast<char *>(std::malloc(needed + SS_INPUT_PADDING));
    if (!copy) return MEMALLOC;
    ss_json_repair(data, size, copy);
    std::memset(copy + needed, 0, SS_INPUT_PADDING);
    error_code code = json->parser.parse(copy, needed, false).get(json->root);
    std::free(copy);
    return code;
}

extern "C" samestory_status ss_json_parse(ss_json *json, const char *data, size_t size,
                                          const char **message)
{
    if (json->parser.capacity() > KEPT_CAPACITY && size < KEPT_CAPACITY / 2)
        json->parser = dom::parser();
    error_code code = json->parser.parse(data, size, false).get(json->root);
    if (code == UTF8_ERROR || code == NUMBER_ERROR || code == STRING_ERROR)
        code = parse_repaired(json, data, size);
    if (code == MEMALLOC) {
        *message = "out of memory";
        return SAMESTORY_NO_MEMORY;
    }
    if (code)
        *message = reason(code);
    else if (!json->root.is_object())
        *message = "not a JSON object: a record is {...} on a line";
    else
        return SAMESTORY_OK;
    return SAMESTORY_BAD_RECORD;
}

static bool set_text(const char *data, size_t size, samestory_string *out)
{
    if (!size) return false;
    out->data = data;
    out->size = size;
    return true;
}

/* Writes a number as JSON has it, without an exponent while that is short. */
static bool number_text(dom::element value, char *number, samestory_string *out)
{
    char *end = number + SS_JSON_NUMBER_BYTES;
    std::to_chars_result r{};
    if (int64_t i; !value.get_int64().get(i)) {
        r = std::to_chars(number, end, i);
    } else if (uint64_t u; !value.get_uint64().get(u)) {
        r = std::to_chars(number, end, u);
    } else if (double d; !value.get_double().get(d)) {
        r = std::to_chars(number, end, d, std::chars_format::fixed);
        if (r.ec != std::errc()) r = std::to_chars(number, end, d);
    } else {
        return false;
    }
    return r.ec == std::errc() && set_text(number, size_t(r.ptr - number), out);
}

static bool value_text(dom::element value, char *number, samestory_string *out)
{
    dom::array list;
    if (!value.get_array().get(list)) {
        auto first = list.begin();
        if (!(first != list.end())) return false;
        value = *first;
    }
    std::string_view text;
    if (!value.get_string().get(text)) return set_text(text.data(), text.size(), out);
    return number_text(value, number, out);
}

static bool path_text(dom::element at, std::string_view path, char *number, samestory_string *out)
{
    dom::object object;
    if (at.get_object().get(object)) return false;
    dom::element value;
    if (!object.at_key(path).get(value) && value_text(value, number, out)) return true;
    for (size_t dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1))
        if (!object.at_key(path.substr(0, dot)).get(value) &&
            path_text(value, path.substr(dot + 1), number, out))
            return true;
    return false;
}

extern "C" bool ss_json_text(const ss_json *json, const char *path, char *number,
                             samestory_string *out)
{
    return path_text(json->root, path, number, out);
}
