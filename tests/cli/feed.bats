# samestory filter --feed: between a feed and its reader. The reader gets a feed, whatever happens.

load helpers

FEEDS=$DATA/feeds

setup() { INDEX=$BATS_TEST_TMPDIR/index; }

feed() { samestory filter --feed --index "$INDEX" "$@"; }

# titles FORMAT FILE: the titles of a feed's entries, one a line; fails when that is no feed.
titles() {
    python3 - "$1" "$2" <<'EOF'
import json, sys
import xml.etree.ElementTree as tree
if sys.argv[1] == "json":
    for item in json.load(open(sys.argv[2]))["items"]: print(item["title"])
else:
    for node in tree.parse(sys.argv[2]).iter():
        if node.tag.split("}")[-1] in ("item", "entry"):
            print(next(child.text for child in node if child.tag.split("}")[-1] == "title"))
EOF
}

@test "what a feed has told is missing from the next ones, whatever their formats" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/courier.rss" >courier.rss 2>err
    cmp courier.rss "$FEEDS/courier.rss"
    feed <"$FEEDS/wire.atom" >wire.atom 2>>err
    run -0 titles xml wire.atom
    [ "$output" = "Museum of clocks opens in Dal" ]
    feed <"$FEEDS/notes.json" >notes.json 2>>err
    run -0 titles json notes.json
    [ "$output" = "Ferry to Kerr runs again" ]
    [ ! -s err ]
}

@test "every byte that stays is as it was" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/courier.rss" >/dev/null
    feed <"$FEEDS/wire.atom" >out
    # The entries go with the blanks before them: the output is the input without some lines.
    diff "$FEEDS/wire.atom" out >changes || true
    run -1 grep '^>' changes
    [ "$(grep -c '^<   <title' changes)" -eq 2 ]
}

@test "the same feed again comes out the same again" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/wire.atom" >first
    feed <"$FEEDS/courier.rss" >second
    for i in 1 2; do
        feed <"$FEEDS/wire.atom" >again
        cmp again first
        feed <"$FEEDS/courier.rss" >again
        cmp again second
    done
    run -0 titles xml second # two of its four were in the wire's feed, later
    [ "${#lines[@]}" -eq 2 ]
}

@test "--mark keeps all and says what each is" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/courier.rss" >/dev/null
    feed --mark <"$FEEDS/wire.atom" >wire.atom
    feed --mark <"$FEEDS/notes.json" >notes.json
    run -0 titles xml wire.atom
    [ "${#lines[@]}" -eq 3 ]
    [ "$(grep -o 'category term="samestory:copy"' wire.atom | wc -l)" -eq 2 ]
    [[ $(cat wire.atom) == *'<samestory:verdict xmlns:samestory="urn:x-samestory:verdict" relation="copy" of="https://courier.example/1" story="https://courier.example/1" p="'* ]]
    [ "$(jq -r '.items[1]._samestory | "\(.relation) \(.of)"' notes.json)" = "copy https://courier.example/3" ]
    [ "$(jq -c '.items[1].tags' notes.json)" = '["samestory:copy"]' ]
    [ "$(jq -c '.items[0].tags - ["samestory:story"]' notes.json)" = '["ferries"]' ]
    feed --mark <wire.atom >again # marks of an earlier run are replaced
    cmp again wire.atom
}

@test "--drop says what goes" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/courier.rss" >/dev/null
    feed --drop story <"$FEEDS/wire.atom" >out
    cmp out "$FEEDS/wire.atom"
    feed --drop copy,revision,story <"$FEEDS/wire.atom" >out
    run -0 titles xml out
    [ "${#lines[@]}" -eq 1 ]
}

@test "a later version of an entry is no duplicate of it" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/courier.rss" >/dev/null
    sed 's/Two dock workers were hurt/Three dock workers were hurt/' "$FEEDS/courier.rss" >later
    feed <later >out
    cmp out later
}

@test "--query asks without adding" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/courier.rss" >/dev/null
    chmod -R a-w "$INDEX"
    for i in 1 2; do
        feed --query <"$FEEDS/wire.atom" >out
        run -0 titles xml out
        [ "$output" = "Museum of clocks opens in Dal" ]
    done
    chmod -R u+w "$INDEX"
    run -0 "$SAMESTORY" index export "$INDEX"
    [ "${#lines[@]}" -eq 4 ]
    [[ $output == *'"https://courier.example/1 https://courier.example/feed.rss"'* ]]
}

@test "entries that say nothing pass" {
    cd "$BATS_TEST_TMPDIR"
    printf '<rss><channel><item/><item><link>https://x.example/</link></item><item><title> </title></item></channel></rss>' >in
    for i in 1 2; do
        feed <in >out
        cmp in out
    done
}

@test "whatever is wrong, the input comes out byte for byte, with a note and exit 0" {
    cd "$BATS_TEST_TMPDIR"
    unchanged() { # FILE, options...
        local file=$1
        shift
        run -0 --separate-stderr bash -c '"$@" <"$0" >out' "$file" "$SAMESTORY" filter --feed --model "$MODEL" "$@"
        cmp out "$file"
        [[ $stderr == samestory:*"passed on as it is"* ]]
    }
    printf '<rss><channel><item><title>a & b</title></item></channel></rss>' >broken
    printf 'no feed\0at all\xff' >other
    head -c 700 "$FEEDS/courier.rss" >cut
    printf '{"items":[' >json
    : >empty
    printf '<html><body>503</body></html>' >page
    for file in broken other cut json empty page; do unchanged "$file" --index "$INDEX"; done
    unchanged "$FEEDS/courier.rss" --index /proc/no/such
    unchanged "$FEEDS/courier.rss" --index "$BATS_TEST_TMPDIR/broken" # a file
    unchanged "$FEEDS/courier.rss"
    mkdir strange && head -c 20000 /dev/zero | tr "\0" x >strange/catalogue.mdb
    unchanged "$FEEDS/courier.rss" --index strange
    run -0 --separate-stderr bash -c '"$@" <"$0" >out' "$FEEDS/courier.rss" "$SAMESTORY" filter --feed \
        --model "$BATS_TEST_TMPDIR/broken" --index "$INDEX"
    cmp out "$FEEDS/courier.rss"
    [ -n "$stderr" ]
}

@test "a damaged index harms no feed" {
    cd "$BATS_TEST_TMPDIR"
    feed <"$FEEDS/courier.rss" >/dev/null
    find "$INDEX" -type f -size +0 | while read -r file; do
        printf 'damage damage damage' | dd of="$file" conv=notrunc bs=1 seek=8 2>/dev/null
    done
    run -0 --separate-stderr bash -c '"$@" <"$0" >out' "$FEEDS/wire.atom" "$SAMESTORY" filter --feed \
        --model "$MODEL" --index "$INDEX"
    cmp out "$FEEDS/wire.atom"
    [[ $stderr == samestory:* ]]
}

@test "a full disk harms no feed" {
    [ "$(id -u)" = 0 ] || skip "needs root, for a small file system"
    mkdir "$BATS_TEST_TMPDIR/small"
    mount -t tmpfs -o size=64k none "$BATS_TEST_TMPDIR/small" 2>/dev/null || skip "no mount here"
    INDEX=$BATS_TEST_TMPDIR/small/index
    run -0 --separate-stderr bash -c '"$@" <"$0" >"$1.out"' "$FEEDS/wire.atom" "$SAMESTORY" filter --feed \
        --model "$MODEL" --index "$INDEX"
    umount "$BATS_TEST_TMPDIR/small"
    cmp "$SAMESTORY.out" "$FEEDS/wire.atom"
    rm -f "$SAMESTORY.out"
    [[ $stderr == samestory:*"passed on as it is"* ]]
}

@test "a wrong option is explained, and the feed passes" {
    run -2 --separate-stderr "$SAMESTORY" filter --feed --indx "$INDEX" <"$FEEDS/courier.rss"
    [[ $stderr == *"did you mean --index"* ]]
    [ "$output" = "$(cat "$FEEDS/courier.rss")" ]
}

@test "thirty at once on one index: each report is let through exactly once" {
    cd "$BATS_TEST_TMPDIR"
    # Thirty outlets with the same four reports, which each words a little differently. Their names
    # are letters: with another number in it a report would be a later version, which passes.
    local i=0 outlet
    for outlet in {a..z} aa bb cc dd; do
        i=$((i + 1))
        sed -e "s/courier\.example/outlet$i.example/g" -e "s/, the harbour master/, as $outlet heard from the harbour master/" \
            "$FEEDS/courier.rss" >in.$i
    done
    for i in $(seq 1 30); do
        (feed <in.$i >out.$i 2>err.$i; echo $? >code.$i) &
    done
    wait
    cat code.* | sort -u >codes
    [ "$(cat codes)" = 0 ]
    cat err.*
    [ "$(cat err.* | wc -c)" -eq 0 ]
    for i in $(seq 1 30); do titles xml out.$i; done | sort | uniq -c | awk '{print $1}' >counts
    cat counts
    [ "$(cat counts | tr '\n' ' ')" = "1 1 1 1 " ]
    run -0 "$SAMESTORY" index verify "$INDEX"
    for i in 7 19; do
        feed <in.$i >again # and it stays so
        cmp again out.$i
    done
}

# ---- Recipes ----------------------------------------------------------------------------------------

@test "newsboat: the line filter:COMMAND:URL runs the command by a shell, the feed on its stdin" {
    cd "$BATS_TEST_TMPDIR"
    line="filter:$SAMESTORY filter --feed --model $MODEL --index $INDEX:https://wire.example/atom.xml"
    rest=${line#filter:}
    command=${rest%%:https://*}
    sh -c "$command" <"$FEEDS/courier.rss" >first
    cmp first "$FEEDS/courier.rss"
    sh -c "$command" <"$FEEDS/wire.atom" >second
    run -0 titles xml second
    [ "$output" = "Museum of clocks opens in Dal" ]
}

@test "Liferea: a conversion filter, a pipe that the feed goes through" {
    cd "$BATS_TEST_TMPDIR"
    printf '#!/bin/sh\nexec "%s" filter -q --feed --model "%s" --index "%s"\n' "$SAMESTORY" "$MODEL" "$INDEX" >convert
    chmod +x convert
    cat "$FEEDS/courier.rss" | ./convert >/dev/null
    cat "$FEEDS/notes.json" | ./convert >out
    run -0 titles json out
    [ "$output" = "Ferry to Kerr runs again" ]
    echo "no feed" | ./convert >out 2>err
    [ "$(cat out)" = "no feed" ]
    [ ! -s err ]
}

# What Miniflux posts to a webhook, https://miniflux.app/docs/webhooks.html: entries with HTML content.
@test "Miniflux: the entries of a webhook's message, HTML content and all" {
    cd "$BATS_TEST_TMPDIR"
    python3 - "$FEEDS/courier.rss" >message.json <<'EOF'
import json, sys
import xml.etree.ElementTree as tree
entries = []
for i, item in enumerate(tree.parse(sys.argv[1]).iter("item")):
    entries.append({"id": 231 + i, "user_id": 1, "feed_id": 7, "status": "unread", "hash": "c%d" % i,
        "title": item.find("title").text, "url": item.find("link").text, "comments_url": "",
        "published_at": "2024-11-1%dT10:00:00Z" % (6 - i), "created_at": "2024-11-17T00:00:00Z",
        "content": item.find("{http://purl.org/rss/1.0/modules/content/}encoded").text,
        "author": "", "starred": False, "reading_time": 1, "enclosures": [], "tags": []})
print(json.dumps({"event_type": "new_entries", "feed": {"id": 7, "site_url": "https://courier.example"},
    "entries": entries}))
EOF
    jq -c '.entries[]' message.json | samestory filter --index "$INDEX" >answers.jsonl
    [ "$(relations <answers.jsonl | sort -u)" = new ]
    # The wire's copy, as Atom: known by its text, though there it is HTML in JSON.
    feed <"$FEEDS/wire.atom" >out
    run -0 titles xml out
    [ "$output" = "Museum of clocks opens in Dal" ]
    # And the other way round, plain text against HTML.
    printf '%s\n' '{"id":"plain","url":"https://plain.example/1","date":"2024-11-16","title":"Bakers of Vell win prize for a bread of lentils","text":"Two bakers of Vell, the sisters Runa and Siri Aalto, have won this year'"'"'s prize of the bakers'"'"' guild for a bread that is made of lentils and holds no wheat at all, the guild announced on Friday. They needed four years and, by their own count, 600 failed loaves."}' |
        samestory filter --index "$INDEX" >plain
    [ "$(relations <plain)" = copy ]
}
