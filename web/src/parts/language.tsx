// In which language the page speaks.

import { LANGUAGES, chooseLanguage, t } from "../words";
import type { Language } from "../words";

export function LanguageChoice() {
  return (
    <label class="language">
      {t.value.language.choose}{" "}
      <select value={t.value.language.code} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
