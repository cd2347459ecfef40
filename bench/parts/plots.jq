# results.json -> an SVG. --arg plot list: the names of the plots that the results allow, one a line.
def log10: log / 2.302585092994046;
def short: if . >= 1e6 then "\(. / 1e6)M" elif . >= 1000 then "\(. / 1000)k" elif . < 1 then
    "\(. * 1000 | round / 1000)" else "\(.)" end;
def clean: gsub("&"; "&amp;") | gsub("<"; "&lt;");
def place: . * 10 | round / 10;

# A plot has 640 x 400 points; the axes leave 80 at the left and 50 below.
def left: 80; def right: 620; def top: 40; def bottom: 350;
def text($x; $y; $anchor; $what): "<text x=\"\($x | place)\" y=\"\($y | place)\" text-anchor=\"\($anchor)\">\($what | clean)</text>";
def line($x1; $y1; $x2; $y2; $colour): "<line x1=\"\($x1 | place)\" y1=\"\($y1 | place)\" x2=\"\($x2 | place)\" y2=\"\($y2 | place)\" stroke=\"\($colour)\"/>";
def dot($x; $y; $colour): "<circle cx=\"\($x | place)\" cy=\"\($y | place)\" r=\"4\" fill=\"\($colour)\"/>";
def frame($title; body): ([
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" width=\"640\" height=\"400\" font-family=\"sans-serif\" font-size=\"11\">",
    "<rect width=\"640\" height=\"400\" fill=\"#fff\"/>",
    "<text x=\"320\" y=\"20\" text-anchor=\"middle\" font-size=\"14\">\($title | clean)</text>",
    (body), "</svg>"] | join("\n"));

# A logarithmic axis from 10^low to 10^high.
def scale($low; $high; $from; $to): $from + ((. | log10) - $low) / ($high - $low) * ($to - $from);
def decades: {low: ((min | log10) + 1e-9 | floor), high: ((max | log10) - 1e-9 | ceil)}
    | if .high <= .low then .high = .low + 1 else . end;
def axis_x($d; $name): range($d.low; $d.high + 1) as $k | pow(10; $k) as $v |
    ($v | scale($d.low; $d.high; left; right)) as $x |
    line($x; top; $x; bottom; "#ddd"), text($x; bottom + 16; "middle"; $v | short);
def axis_y($d): range($d.low; $d.high + 1) as $k | pow(10; $k) as $v |
    ($v | scale($d.low; $d.high; bottom; top)) as $y |
    line(left; $y; right; $y; "#ddd"), text(left - 6; $y + 4; "end"; $v | short);
def names_axes($x; $y): text((left + right) / 2; 390; "middle"; $x), text(8; 34; "start"; $y);

# Speed against the least of the three recalls of copies.
def speed_points: ([(.dump | select(.) | {name: "samestory", speed: .docs_per_s_core,
        quality: ([.copy_recall[]] | min), ours: true})] +
    [.peers // {} | to_entries[] | select(.value.copy_recall) |
        {name: .key, speed: .value.docs_per_s_core, quality: ([.value.copy_recall[]] | min)}]);
def speed_plot: speed_points as $p | ($p | map(.speed) | decades) as $d |
    frame("Copies: recall of the hardest kind of edit, and speed";
        axis_x($d; ""),
        ((range(0; 11; 2) / 10) as $q | (bottom - $q * (bottom - top)) as $y |
            line(left; $y; right; $y; "#ddd"), text(left - 6; $y + 4; "end"; "\($q)")),
        names_axes("documents a second a core"; "recall"),
        ($p | sort_by(.speed) | to_entries[] | (.key % 2) as $below | .value |
            (.speed | scale($d.low; $d.high; left; right)) as $x |
            (bottom - .quality * (bottom - top)) as $y |
            (if .ours then "#c00" else "#357" end) as $colour |
            dot($x; $y; $colour), text($x; $y - 8 + 24 * $below; "middle"; .name)));

# Seconds against documents.
def growth_plot: .growth as $g | ($g | map(.documents) | decades) as $dx |
    ($g | map(.seconds) | decades) as $dy |
    ($g | map({x: (.documents | scale($dx.low; $dx.high; left; right)),
        y: (.seconds | scale($dy.low; $dy.high; bottom; top)), seconds, documents})) as $p |
    frame("Growth: dedup of documents in 24 languages (grey: in proportion)";
        axis_x($dx; ""), axis_y($dy), names_axes("documents"; "seconds"),
        (range(1; $p | length) as $i | line($p[$i - 1].x; $p[$i - 1].y; $p[$i].x; $p[$i].y; "#c00")),
        (if $p | length > 0 then # as if time were proportional
            $p[0] as $a | ($p | last) as $b |
            (($a.seconds * $b.documents / $a.documents) | scale($dy.low; $dy.high; bottom; top)) as $y |
            line($a.x; $a.y; $b.x; $y; "#aaa") else empty end),
        ($p[] | dot(.x; .y; "#c00"), text(.x; .y - 8; "middle"; "\(.seconds * 10 | round / 10) s")));

# Bars: billions of pairs a second.
def kernel_plot: .kernel as $k | ($k.gpairs_per_s | to_entries | map({name: .key, value, ours: true})) as $ours |
    ([$k.peers // {} | to_entries[] | select(.value.gpairs_per_s) | {name: .key, value: .value.gpairs_per_s}]) as $theirs |
    ($ours + $theirs | sort_by(-.value)) as $bars |
    ($k.peak_gflops / 2 / $k.dimension) as $peak |
    (([$bars[].value] + [$peak] | max) * 1.1) as $most | (right - 180) as $width |
    ([(bottom - top) / ($bars | length), 30] | min) as $step |
    frame("Kernel, d = \($k.dimension): billions of pairs a second a core";
        (range(0; $bars | length) as $i | $bars[$i] as $b | (top + $i * $step) as $y |
            ($b.value / $most * $width) as $w |
            "<rect x=\"160\" y=\"\($y | place)\" width=\"\($w | place)\" height=\"\($step * 0.7 | place)\" fill=\"\(if $b.ours then "#c00" else "#357" end)\"/>",
            text(154; $y + $step * 0.5; "end"; $b.name),
            text(166 + $w; $y + $step * 0.5; "start"; "\($b.value * 1000 | round / 1000)")),
        (160 + $peak / $most * $width) as $x | line($x; top - 5; $x; bottom + 5; "#000"),
        text($x; bottom + 20; "middle"; "float peak"));

if $plot == "list" then
    (if .dump then "speed-quality" else empty end),
    (if .growth then "growth" else empty end),
    (if .kernel then "kernel" else empty end)
elif $plot == "growth" then growth_plot
elif $plot == "kernel" then kernel_plot
else speed_plot end
