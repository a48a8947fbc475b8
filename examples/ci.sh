#!/usr/bin/env bash
# Audits every pair of a folder and fails if one of them is flagged: a step of a build.
# A pair is NAME.source.txt and NAME.answer.txt. The report of each is written beside it, as NAME.audit.json.
#
# usage: ci.sh FOLDER
# Ends with 3 where a text is not supported, as judge-auditor does; with another code where nothing was judged.
# Needs judge-auditor on the PATH, and jq.
set -euo pipefail
folder=${1:?usage: ci.sh FOLDER}
failed=0
for source in "$folder"/*.source.txt; do
    [[ -e $source ]] || { echo "$folder: no NAME.source.txt" >&2; exit 2; }
    name=${source%.source.txt}
    # Anything but 0 is not a verdict: a wrong setting, or no judge that gave a score.
    judge-auditor audit --source "$source" --candidate "$name.answer.txt" --json >"$name.audit.json"
    if jq -e '.result.outcome == "nothing_to_check"' "$name.audit.json" >/dev/null; then
        echo "$name: nothing to check: the answer holds no claim"
    elif jq -e '.result.faithfulness.flagged // false' "$name.audit.json" >/dev/null; then
        failed=3
        echo "$name: not supported:"
        jq -r '.claims[] | select(.label != "SUPPORTED") | "  \(.label): \(.text) (\(.reasoning))"' "$name.audit.json"
    else
        echo "$name: not flagged"
    fi
done
exit "$failed"
