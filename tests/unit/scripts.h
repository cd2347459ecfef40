/* A sentence in each of 24 scripts, as it may stand in a report, in NFC. */
#ifndef SCRIPTS_H
#define SCRIPTS_H

#include <stddef.h>

typedef struct script_sample {
    const char *name, *text;
} script_sample;

static const script_sample script_samples[] = {
    {"latin", "Nguyễn Hồng Đạt besucht Łódź und São Tomé: 12,5 % mehr für Ærø"},
    {"cyrillic", "Министр Андрій Їжакевич прибыл в Йошкар-Олу 14 ноября"},
    {"greek", "Ο πρωθυπουργός μίλησε στη Θεσσαλονίκη για τους φόρους"},
    {"arabic", "أعلن وزير الخارجية الأُردني إلى الصحفيين عن زيارة"},
    {"hebrew", "רֹאשׁ הממשלה הגיע לירושלים ביום שלישי"},
    {"devanagari", "प्रधानमंत्री ने नई दिल्ली में क़रार पर हस्ताक्षर किए"},
    {"bengali", "ঢাকায় বড় সমাবেশ করেছে বিরোধী দল"},
    {"gurmukhi", "ਪੰਜਾਬ ਦੇ ਮੁੱਖ ਮੰਤਰੀ ਨੇ ਸ਼ਹਿਰ ਦਾ ਦੌਰਾ ਕੀਤਾ"},
    {"gujarati", "અમદાવાદમાં ભારે વરસાદ થયો"},
    {"tamil", "சென்னையில் கொட்டித் தீர்த்த மழை"},
    {"telugu", "హైదరాబాద్‌లో భారీ వర్షం "
               "కురిసింది"},
    {"kannada", "ಬೆಂಗಳೂರಿನಲ್ಲಿ ಮೆಟ್ರೋ ಸೇವೆ ಆರಂಭ"},
    {"malayalam", "കൊച്ചിയിൽ പുതിയ പാലം തുറന്നു"},
    {"sinhala", "කොළඹ නගරයේ නව පාලම විවෘත විය"},
    {"thai", "นายกรัฐมนตรีเดินทางถึงกรุงเทพมหานครเมื่อวันที่ 14"},
    {"lao", "ນາຍົກລັດຖະມົນຕີເດີນທາງຮອດວຽງຈັນ"},
    {"khmer", "នាយករដ្ឋមន្ត្រីបានមកដល់ភ្នំពេញ"},
    {"myanmar", "ဝန်ကြီးချုပ်သည် ရန်ကုန်သို့ ရောက်ရှိသည်"},
    {"hangul", "대통령은 서울에서 무역 협정에 서명했다"},
    {"han", "贸易部长在华盛顿举行第五轮谈判"},
    {"kana", "ガバナーはパリでプレス発表をおこなった"},
    {"georgian", "პრემიერ-მინისტრი თბილისში ჩავიდა"},
    {"armenian", "Վարչապետը ժամանել է Երևան"},
    {"ethiopic", "ጠቅላይ ሚኒስትሩ አዲስ አበባ ገቡ"},
};

enum { SCRIPT_SAMPLES = sizeof script_samples / sizeof *script_samples };

#endif
