/* How two reports are related: a table of small cases, each line saying what must hold. All of them
 * stand in one collection, with the shipped model and judge. */
#include "unit.h"

#include "shipped_model.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* ---- The table
 * ------------------------------------------------------------------------------------ */

enum { COPY = 1, REVISION = 2, STORY = 4, LINKED = COPY | REVISION | STORY, NONE = 8 };

typedef struct told {
    const char *language, *date, *title, *text;
} told;

typedef struct relation_case {
    const char *must; /* what must hold */
    unsigned expected;
    told a, b;
} relation_case;

#define FERRY                                                                                      \
    "The ferry Anna Morweld ran aground off Skarholmen on Tuesday night with 214 passengers on "   \
    "board. Captain Jonas Lindqvist said that the engine had failed shortly after leaving "        \
    "Norrviken. Nobody was hurt. The coast guard brought all passengers ashore in 3 hours, and "   \
    "a tug from Visby is expected on Wednesday morning."

static const relation_case cases[] = {
    {"the same text elsewhere is a copy",
     COPY,
     {"en", "2025-03-04", "Ferry runs aground", FERRY},
     {"en", "2025-03-05", "Ferry runs aground", FERRY}},
    {"other quotation marks and a comma make no other text",
     COPY,
     {"en", "2025-03-04", "Ferry aground", FERRY " \"We were lucky\", said Lindqvist."},
     {"en", "2025-03-04", "Ferry aground", FERRY " “We were lucky,” said Lindqvist."}},
    {"who holds a report and adds to it revises it",
     COPY | REVISION,
     {"en", "2025-03-04", "Ferry aground", FERRY},
     {"en", "2025-03-04", "Ferry aground",
      FERRY
      " Divers found a hole in the hull below the waterline. The operator Baltlinjen has "
      "cancelled all departures until the cause is known, and offers a refund to everybody."}},
    {"another quake in the same words is another quake",
     NONE,
     {"en", "2025-03-04", NULL,
      "An earthquake of magnitude 5.2 struck 31 km south of Port Ellery at a depth of 118 km, the "
      "seismological institute reported. There were no reports of damage or injuries."},
     {"en", "2025-03-06", NULL,
      "An earthquake of magnitude 6.7 struck 84 km south of Port Ellery at a depth of 245 km, the "
      "seismological institute reported. There were no reports of damage or injuries."}},
    {"tomorrow's share price in the same words is another story",
     NONE,
     {"de", "2025-03-04", NULL,
      "Die Aktie der Norvida AG hat am 4. März um 3,1 Prozent auf 48,20 Euro zugelegt. Der Umsatz "
      "lag bei 1,9 Millionen Stück. Der Leitindex schloss bei 17.250 Punkten."},
     {"de", "2025-03-05", NULL,
      "Die Aktie der Norvida AG hat am 5. März um 5,4 Prozent auf 50,80 Euro zugelegt. Der Umsatz "
      "lag bei 2,6 Millionen Stück. Der Leitindex schloss bei 17.410 Punkten."}},
    {"a next release in the words of the last one is another story",
     NONE,
     {"nl", "2025-03-04", "Tessera 7.6 uitgebracht",
      "Het Tessera-project brengt op 4 maart versie 7.6 uit. Deze uitgave verhelpt 112 fouten en "
      "37 "
      "lekken. Wie bijwerkt hoeft niet opnieuw te installeren."},
     {"nl", "2025-03-09", "Tessera 7.7 uitgebracht",
      "Het Tessera-project brengt op 9 maart versie 7.7 uit. Deze uitgave verhelpt 85 fouten en 24 "
      "lekken. Wie bijwerkt hoeft niet opnieuw te installeren."}},
    {"talks told in German and Vietnamese are one story",
     STORY,
     {"de", "2025-11-12", "Fünfte Runde der Handelsgespräche in Ottawa",
      "Vom 12. bis 14. November verhandelt eine Delegation unter Leitung von Handelsminister Pham "
      "Quoc "
      "Thinh in Ottawa mit der Beauftragten Marlene Haverkamp über Zölle auf 1.240 Waren."},
     {"vi", "2025-11-12", "Vòng đàm phán thứ năm tại Ottawa",
      "Từ ngày 12 đến 14/11, đoàn đàm phán do Bộ trưởng Thương mại Phạm Quốc Thịnh dẫn đầu làm "
      "việc tại "
      "Ottawa với bà Marlene Haverkamp về thuế đối với 1.240 mặt hàng."}},
    {"the same minister in another capital a month later is another story",
     NONE,
     {"de", "2025-11-12", "Fünfte Runde der Handelsgespräche in Ottawa",
      "Vom 12. bis 14. November verhandelt eine Delegation unter Leitung von Handelsminister Pham "
      "Quoc "
      "Thinh in Ottawa mit der Beauftragten Marlene Haverkamp über Zölle auf 1.240 Waren."},
     {"en", "2025-12-18", "Minister opens trade fair in Jakarta",
      "Trade minister Pham Quoc Thinh opened the fair in Jakarta on 18 December. 86 companies show "
      "machines and textiles until Sunday. His host Dewi Kartanegara praised the cooperation."}},
    {"an accident told in French and Dutch is one story",
     STORY,
     {"fr", "2025-06-02", "Un téléphérique s'arrête au-dessus du lac de Morvelle",
      "Le téléphérique de Morvelle s'est arrêté lundi 2 juin avec 73 passagers à bord. Les "
      "pompiers de "
      "Saint-Ambrel les ont évacués en 5 heures, a dit le préfet Luc Taverdon."},
     {"nl", "2025-06-02", "Kabelbaan in Morvelle staat uren stil",
      "In Morvelle stond de kabelbaan maandag 2 juni uren stil, met 73 passagiers in de cabines. "
      "Volgens "
      "prefect Luc Taverdon haalde de brandweer van Saint-Ambrel iedereen in 5 uur naar beneden."}},
    {"an early and a late death toll tell one event",
     LINKED,
     {"es", "2025-05-11", "Explosión en la fábrica de Valdorra",
      "Al menos 4 muertos por la explosión de esta mañana en la fábrica de pinturas Cromalia, en "
      "Valdorra. El alcalde Tomás Irigaray pidió a los 2.300 vecinos que no salgan de casa."},
     {"en", "2025-05-12", "Death toll rises to nine in Valdorra blast",
      "Nine people are now known to have died in Sunday's explosion at the Cromalia paint factory "
      "in "
      "Valdorra. Mayor Tomás Irigaray said that the 2,300 residents may leave their homes again."}},
    {"a match in Russian and in English is one story",
     STORY,
     {"ru", "2025-04-20", "«Металлург» Краснодольск победил «Торвальд» 3:2",
      "В Краснодольске 20 апреля «Металлург» обыграл «Торвальд» со счётом 3:2. Победный гол забил "
      "Андрей Вересков на 88-й минуте. На стадионе было 18 450 зрителей."},
     {"en", "2025-04-20", "Metallurg Krasnodolsk beat Torvald 3-2",
      "A late goal by Andrei Vereskov gave Metallurg a 3-2 win over Torvald in Krasnodolsk on 20 "
      "April, "
      "in front of 18,450 spectators. He scored in the 88th minute."}},
    {"the next match of the same clubs is another story",
     NONE,
     {"en", "2025-04-20", "Metallurg Krasnodolsk beat Torvald 3-2",
      "A late goal by Andrei Vereskov gave Metallurg a 3-2 win over Torvald in Krasnodolsk on 20 "
      "April, "
      "in front of 18,450 spectators. He scored in the 88th minute."},
     {"en", "2025-09-14", "Torvald win 1-0 at home to Metallurg",
      "Torvald took three points from Metallurg on 14 September with a penalty in the 12th minute "
      "by "
      "Oskar Lindahl, 1-0. The ground in Hestvik held 9,120 people."}},
    {"one topic, nothing shared, is no story",
     NONE,
     {"en", "2025-02-02", NULL,
      "Parliament debated the budget for schools until late in the evening. The opposition called "
      "for "
      "more teachers, the government pointed to the state of public finances."},
     {"de", "2025-02-02", NULL,
      "Im Landtag ging es am Abend um Windräder im Wald. Die Opposition sprach von einem Fehler, "
      "die "
      "Umweltministerin verwies auf die Ziele beim Klimaschutz."}},
    {"a round-up that mentions an event in a sentence is not its story",
     NONE,
     {"en", "2025-07-08", "The week in brief",
      "In Lisbon, dockers ended their strike. The painter Ilse Brandhorst died at 91. Rain spoiled "
      "the "
      "harvest in the Gardeny valley. A rocket of Orvex reached orbit. The bank of Melvia cut its "
      "rate to "
      "2.5 percent. Film prizes went to Paloma Ruiz and Henrik Aasgaard. Fares in Zermund go up by "
      "4 "
      "percent. The Tarvis tunnel is closed until October."},
     {"de", "2025-07-03", "Rakete von Orvex in der Umlaufbahn",
      "Die neue Rakete hat am 3. Juli um 6.42 Uhr vom Startplatz Kiruna abgehoben und 3 Satelliten "
      "ausgesetzt. Firmengründerin Sabine Ottfried sprach vom wichtigsten Tag seit 2014."}},
    {"a word or three tell nothing",
     NONE,
     {"en", "2025-02-02", NULL, "Breaking news"},
     {"de", "2025-02-02", NULL, "Eilmeldung aus Berlin"}},
    {"what shares a country and a capital only is no story",
     NONE,
     {"en", "2025-08-19", "Heat closes schools in Athens",
      "Schools in Athens stay closed because of the heat. In Greece temperatures of more than "
      "forty "
      "degrees are expected until the weekend."},
     {"fr", "2025-08-19", "Grèce : un nouveau musée ouvre à Athènes",
      "À Athènes, un musée consacré à la musique populaire ouvre ses portes. La Grèce espère y "
      "attirer "
      "des visiteurs en hiver aussi."}},
    {"without dates, names and numbers still tell one story",
     STORY,
     {"pt", NULL, "Ponte de Almorosa reabre",
      "A ponte de Almorosa reabriu após obras de 37 milhões de euros, anunciou a engenheira Teresa "
      "Valadim. O túnel de Serrinhas fecha durante 18 dias."},
     {"it", NULL, "Riapre il ponte di Almorosa",
      "Il ponte di Almorosa ha riaperto dopo lavori da 37 milioni di euro, ha detto l'ingegnera "
      "Teresa "
      "Valadim. La galleria di Serrinhas resta chiusa per 18 giorni."}},
};
enum { CASES = sizeof cases / sizeof *cases };

/* ---- Judging it
 * ------------------------------------------------------------------------------------ */

static samestory_string text_of(const char *text)
{
    return (samestory_string){text, text ? strlen(text) : 0};
}

/* Ways to tell the same without telling anything else. */
typedef enum change {
    AS_IT_IS,
    SHOUTED,
    DECOMPOSED,
    SIGNED,
    QUOTED,
    OUTLET,
    UNDATED,
    CHANGES
} change;
static const char *const change_name[] = {"as it is",
                                          "title in capitals",
                                          "NFD",
                                          "boilerplate at its foot",
                                          "other quotation marks",
                                          "another outlet",
                                          "no date"};

enum { ROOM = 8192 };

/* ICU's NFD of a text, or its capitals. */
static void rewrite(const char *text, bool capitals, char out[ROOM])
{
    UChar wide[ROOM], made[ROOM];
    int32_t size, bytes;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(wide, ROOM, &size, text, -1, &status);
    int32_t done = capitals ? u_strToUpper(made, ROOM, wide, size, "", &status)
                            : unorm2_normalize(unorm2_getNFDInstance(&status), wide, size, made,
                                               ROOM, &status);
    u_strToUTF8(out, ROOM - 1, &bytes, made, done, &status);
    assert_true(U_SUCCESS(status));
    out[bytes] = 0;
}

static void gather(samestory_engine *engine, const told *t, change how)
{
    static const char foot[] =
        "\n\nSubscribe to our newsletter and follow us on social media. All rights "
        "reserved.";
    char title[ROOM] = "", text[ROOM] = "";
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    snprintf(title, sizeof title, "%s", t->title ? t->title : "");
    snprintf(text, sizeof text, "%s%s%s%s", how == QUOTED ? "“" : "", t->text,
             how == QUOTED ? "”" : "", how == SIGNED ? foot : "");
    if (how == SHOUTED && t->title) rewrite(t->title, true, title);
    if (how == DECOMPOSED) rewrite(t->text, false, text);
    d.title = text_of(title);
    d.text = text_of(text);
    d.language = text_of(t->language);
    d.source = text_of(how == OUTLET ? "Another Daily" : "Morning Gazette");
    if (t->date && how != UNDATED) d.date = samestory_parse_date(t->date, strlen(t->date));
    samestory_error error = {0};
    if (samestory_gather(engine, &d, 1, &error)) fail_msg("%s", error.message);
}

static unsigned relation_of(const samestory_engine *engine, size_t a, size_t b, double *p)
{
    samestory_evidence e = {.struct_size = sizeof e};
    assert_int_equal(samestory_pair(engine, a, b, &e), SAMESTORY_OK);
    *p = e.probability;
    static const unsigned known[] = {NONE, COPY, REVISION, STORY};
    return known[e.relation];
}

/* The second report of each case is told in this way. */
static samestory_engine *all_cases(change how)
{
    samestory_engine *engine = NULL;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    samestory_error error = {0};
    options.ids_repeat = true;
    if (samestory_engine_new(model, &options, &engine, &error)) fail_msg("%s", error.message);
    for (size_t i = 0; i < CASES; i++) {
        gather(engine, &cases[i].a, how == UNDATED ? how : AS_IT_IS);
        gather(engine, &cases[i].b, how);
    }
    if (samestory_freeze(engine, &error)) fail_msg("%s", error.message);
    return engine;
}

static void what_must_hold(void **state)
{
    (void)state;
    samestory_engine *engine = all_cases(AS_IT_IS);
    unsigned wrong = 0;
    for (size_t i = 0; i < CASES; i++) {
        double p, back;
        unsigned relation = relation_of(engine, 2 * i, 2 * i + 1, &p);
        unsigned other = relation_of(engine, 2 * i + 1, 2 * i, &back);
        if (!(relation & cases[i].expected)) {
            print_error("wrong: %s (p %.3f, relation %u)\n", cases[i].must, p, relation);
            wrong++;
        }
        if (relation != other) fail_msg("one-sided: %s", cases[i].must);
    }
    samestory_engine_free(engine);
    assert_int_equal(wrong, 0);
}

/* A verdict of which the judge is sure stays what it is, however the second report is dressed. */
static void dress_does_not_turn_a_clear_verdict(void **state)
{
    (void)state;
    samestory_engine *plain = all_cases(AS_IT_IS);
    unsigned turned = 0, clear = 0;
    for (change how = SHOUTED; how < CHANGES; how++) {
        samestory_engine *engine = all_cases(how);
        for (size_t i = 0; i < CASES; i++) {
            double before, after;
            bool linked = relation_of(plain, 2 * i, 2 * i + 1, &before) != NONE;
            bool still = relation_of(engine, 2 * i, 2 * i + 1, &after) != NONE;
            if (before > 0.05 && before < 0.97) continue;
            clear++;
            if (linked == still) continue;
            print_error("%s: %s (p %.3f, was %.3f)\n", change_name[how], cases[i].must, after,
                        before);
            turned++;
        }
        samestory_engine_free(engine);
    }
    samestory_engine_free(plain);
    print_message("# %u clear verdicts\n", clear);
    assert_true(clear > CASES);
    assert_int_equal(turned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_must_hold),
        cmocka_unit_test(dress_does_not_turn_a_clear_verdict),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
