# An array of objects of one shape -> that object with the median of every number.
def median: sort | if length % 2 == 1 then .[length / 2 | floor]
    else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def fold(f): # at every number of the first object, f of what all objects have there
    . as $all |
    if $all[0] | type == "object" then
        reduce ($all[0] | keys_unsorted[]) as $key ({}; .[$key] = ($all | map(.[$key]) | fold(f)))
    elif ($all[0] | type) == "number" and all($all[]; type == "number") then f
    else $all[0] end;
def numbers_only: if type == "object" then
        with_entries(.value |= numbers_only | select(.value != null and .value != {}))
    elif type == "number" then . else null end;
fold(median) + {repetitions: length,
    spread: (fold(median as $m | if $m == 0 then 0 else ((max - min) / $m * 10000 | round / 10000) end)
        | numbers_only)}
