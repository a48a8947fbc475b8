#!/usr/bin/env bash
# A whole audit by REST: makes an account, audits two texts, watches the events, prints the verdicts.
#
# usage: rest.sh [ADDRESS OF THE SERVER, such as http://127.0.0.1:8000]
# Needs curl and jq.
set -euo pipefail
base=${1:-http://127.0.0.1:8000}/api/v1
name=rest-$RANDOM-$RANDOM

# Sends JSON, prints the JSON of the answer, and fails where the server refuses.
call() { curl -sS --fail-with-body "$base$1" -H 'Content-Type: application/json' "${@:2}"; }

call /auth/register -d '{"username":"'$name'","email":"'$name'@example.org","password":"a long password"}' >/dev/null
token=$(call /auth/login -d '{"username":"'$name'","password":"a long password"}' | jq -r .access_token)
bearer="Authorization: Bearer $token"

id=$(call /evaluations -H "$bearer" -d '{
    "source_text": "The bridge opened on 4 May 1987. It is 412 metres long.",
    "candidate_output": "The bridge opened in 1987. It is 640 metres long.",
    "start": true
}' | jq -r .id)

# Every event from the first on, until the run ends; the stream itself would go on.
while IFS= read -r line; do
    [[ $line == data:* ]] || continue
    event=${line#data:}
    jq -r 'select(.seq) | "\(.seq) \(.type)"' <<<"$event"
    if jq -e '.type == "evaluation_complete" or .type == "evaluation_cancelled" or .data.fatal == true' <<<"$event" >/dev/null; then
        break
    fi
done < <(exec curl -sSN --fail-with-body "$base/evaluations/$id/events" -H "$bearer" -H 'Accept: text/event-stream')
kill $! 2>/dev/null || true

call "/evaluations/$id" -H "$bearer" |
    jq -r '"\(.status), faithfulness \(.result.faithfulness.probability)", (.claims[] | "\(.label): \(.text)")'
