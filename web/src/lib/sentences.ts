// What went wrong, as a sentence for a person, and what can be done about it.

import type { AuditorError } from "judge-auditor-client";
import { asSentence } from "./format";

const SENTENCES: Record<string, string> = {
  invalid_credentials: "The user name or the password is wrong.",
  username_taken: "Somebody has that user name already.",
  email_taken: "There is an account with that e-mail address already.",
  registration_closed: "This server takes no new accounts.",
  unauthenticated: "Your login has ended. Please log in again.",
  token_expired: "Your login has ended. Please log in again.",
  signed_out: "Please log in.",
  evaluation_in_progress: "This audit is running.",
  not_running: "This audit is not running.",
  not_found: "There is nothing here. It may have been deleted, or belong to somebody else.",
  payload_too_large: "The texts are too large for the server.",
  limit_exceeded: "That is as much as this server takes.",
  rate_limited: "That was too often in too short a time.",
  overloaded: "The server is busy.",
  draining: "The server is being restarted.",
  internal: "Something broke on the server. It has been noted there.",
  network: "The server can't be reached.",
  bad_answer: "The server gave an answer that makes no sense.",
};

export function sentence(error: AuditorError): string {
  if (error.code === "validation" && error.errors?.length) {
    return asSentence(error.errors.map((fault) => `${fieldName(fault.pointer)} ${fault.detail}`.trim()).join("; "));
  }
  const known = SENTENCES[error.code];
  // These say themselves which limit it is, and what is not allowed.
  const bySelf = error.code === "limit_exceeded" || error.code === "forbidden";
  return bySelf ? asSentence(error.message) : (known ?? error.message);
}

const NAMES: Record<string, string> = {
  source_text: "The source",
  candidate_output: "The output",
  question: "The question",
  username: "The user name",
  email: "The e-mail address",
  password: "The password",
  new_password: "The new password",
  deadline_ms: "The time limit",
  judges: "The choice of judges",
  quorum: "The number of judges needed",
  collection_id: "The collection",
  name: "The name",
  text: "The text",
  q: "The search text",
  min_score: "The lowest consensus",
  max_score: "The highest consensus",
};

function fieldName(pointer: string) {
  const name = pointer.split("/").filter((part) => !/^\d*$/.test(part)).at(-1) ?? "";
  return NAMES[name] ?? name.replaceAll("_", " ");
}

/** What a failure of a judge is called. */
export const FAILURES: Record<string, string> = {
  refused: "The model refused to judge",
  malformed: "The answer could not be used",
  truncated: "The answer was cut off",
  timeout: "No answer in time",
  rate_limited: "The provider is limiting requests",
  quota: "The account is out of credit",
  auth: "The key was not accepted",
  overloaded: "The provider can't serve now",
  transport: "The provider can't be reached",
  rejected: "The provider refused the call",
  budget: "The budget does not bear it",
  circuit_open: "Left alone: it failed too often",
  quarantined: "Not counted: the text speaks to the judge",
  cancelled: "Not waited for",
  internal: "A fault of the auditor",
};
