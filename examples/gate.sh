#!/usr/bin/env bash
# Audits a file of cases as a step of a build, with every report that a forge can show.
# The results of the main branch, where there are any, are what it may not be worse than.
#
# usage: gate.sh CASES FOLDER [BASELINE]
# Ends as judge-auditor does: 0 the gate holds, 1 a case could not be judged, 2 bad input, 3 the gate does not hold.
# Needs judge-auditor on the PATH. MIN_FAITHFUL (0.9) and NO_WORSE_BY (5) set the gate.
set -euo pipefail
cases=${1:?usage: gate.sh CASES FOLDER [BASELINE]}
folder=${2:?usage: gate.sh CASES FOLDER [BASELINE]}
baseline=${3:-}
mkdir -p "$folder"
options=(--min-faithful "${MIN_FAITHFUL:-0.9}" --out "$folder/results.jsonl"
    --junit "$folder/junit.xml" --sarif "$folder/findings.sarif" --summary "$folder/summary.md")
if [[ -s $baseline ]]; then
    # Another release or other judges are another ruler: the stored texts are judged again then.
    options+=(--baseline "$baseline" --bridge --no-worse-by "${NO_WORSE_BY:-5}")
fi
exec judge-auditor run "$cases" "${options[@]}"
