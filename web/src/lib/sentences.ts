// What went wrong, as a sentence for a person.

import type { AuditorError } from "judge-auditor-client";
import { t } from "../words";
import { asSentence, spaced } from "./format";

export function sentence(error: AuditorError): string {
  if (error.code === "validation" && error.errors?.length) {
    return asSentence(error.errors.map((fault) => `${fieldName(fault.pointer)} ${fault.detail}`.trim()).join("; "));
  }
  // These say themselves which limit it is, and what is not allowed.
  const bySelf = error.code === "limit_exceeded" || error.code === "forbidden";
  return bySelf ? asSentence(error.message) : (t.value.errors[error.code] ?? error.message);
}

function fieldName(pointer: string) {
  const name = pointer.split("/").filter((part) => !/^\d*$/.test(part)).at(-1) ?? "";
  return t.value.fields[name] ?? spaced(name);
}
