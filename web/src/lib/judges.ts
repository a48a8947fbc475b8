// Which judges are offered.

import type { JudgeInfo } from "judge-auditor-client";

/** Another name of the judge `lexical`, for audits of earlier versions: both together would count it twice. */
const OLD_NAME = "novelty";

/** Nobody begins with the old name; where it was chosen once, it stays. */
export const offered = (judges: readonly JudgeInfo[], chosen: readonly string[]) =>
  judges.filter((judge) => judge.kind !== OLD_NAME || chosen.includes(judge.name));
