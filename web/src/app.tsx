// The frame around every page.

import { useEffect, useRef } from "preact/hooks";
import { AuditPage } from "./pages/audit";
import { CollectionPage } from "./pages/collection";
import { Collections } from "./pages/collections";
import { Compare } from "./pages/compare";
import { DocumentPage } from "./pages/document";
import { History } from "./pages/history";
import { KeysPage } from "./pages/keys";
import { NewAudit } from "./pages/new-audit";
import { PreferencesPage } from "./pages/preferences";
import { SharedPage } from "./pages/shared";
import { SignIn } from "./pages/sign-in";
import { StatisticsPage } from "./pages/statistics";
import { LanguageChoice } from "./parts/language";
import { Menu } from "./parts/menu";
import { EmptyPage, Trouble, Waiting } from "./parts/notice";
import { refused, removeNow } from "./state/deletions";
import { forgetDraft } from "./state/draft";
import { isNarrow } from "./state/room";
import { route } from "./state/route";
import type { Route } from "./state/route";
import { client, resume, resuming, unreachable, user } from "./state/session";
import { t } from "./words";

const TABS: [Route["page"], string, (words: (typeof t)["value"]["frame"]) => string][] = [
  ["new", "#/", (words) => words.newAudit],
  ["history", "#/history", (words) => words.history],
  ["collections", "#/collections", (words) => words.collections],
  ["statistics", "#/statistics", (words) => words.statistics],
  ["preferences", "#/preferences", (words) => words.preferences],
];

/** The tab that a page without one of its own belongs to. */
const tabOf = ({ page }: Route): Route["page"] =>
  page === "collection" || page === "document" ? "collections" : page === "keys" ? "preferences" : page === "audit" || page === "compare" ? "history" : page;

/** What was to be deleted is deleted first: afterwards nobody may. */
async function logOut() {
  await removeNow();
  refused.value = null;
  forgetDraft();
  await client.auth.logout().catch(() => {});
}

/** The page, whatever of it is looked at. */
const placeOf = (where: Route) => JSON.stringify(where.page === "audit" ? { page: where.page, id: where.id } : where);

export function App() {
  const main = useRef<HTMLElement>(null);
  const where = route.value;
  const words = t.value.frame;
  const known = useRef(where);
  // Whoever uses a keyboard or a screen reader goes on at the new page's beginning.
  useEffect(() => {
    if (known.current !== where && (where.page !== "audit" || placeOf(known.current) !== placeOf(where))) main.current?.focus();
    known.current = where;
  }, [where]);
  const who = resuming.value ? undefined : (user.value?.id ?? null);
  const knownWho = useRef(who);
  useEffect(() => {
    if (knownWho.current !== undefined && knownWho.current !== who) main.current?.focus();
    knownWho.current = who;
  }, [who]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {words.skip}
      </a>
      <header class="top">
        <a class="brand" href="/#/">
          <img src="/icon.svg" alt="" width="26" height="26" /> <span>{t.value.product}</span>
        </a>
        {user.value && where.page !== "shared" && (
          <nav aria-label={words.pages}>
            {isNarrow.value ? (
              <Menu title={TABS.find(([page]) => page === tabOf(where))?.[2](words) ?? words.pages} about={words.pages}>
                <Pages where={where} />
              </Menu>
            ) : (
              <Pages where={where} />
            )}
          </nav>
        )}
        {user.value && where.page !== "shared" && (
          <span class="who">
            <span class="name">{user.value.username}</span>{" "}
            <button type="button" class="quiet" onClick={() => void logOut()}>
              {words.logOut}
            </button>
          </span>
        )}
      </header>
      <main id="main" ref={main} tabIndex={-1} class={`page-${where.page}`}>
        <Page where={where} />
      </main>
      <footer class="bottom faint small">
        <span>
          <a href="/docs/">{words.reference}</a> · <a href="/third-party-notices.txt">{words.licences}</a>
        </span>
        <LanguageChoice />
      </footer>
    </>
  );
}

function Pages({ where }: { where: Route }) {
  return (
    <>
      {TABS.map(([page, path, name]) => (
        <a key={page} href={path} aria-current={tabOf(where) === page ? "page" : undefined}>
          {name(t.value.frame)}
        </a>
      ))}
    </>
  );
}

function Page({ where }: { where: Route }) {
  if (where.page === "shared") return <SharedPage token={where.token} />;
  if (unreachable.value) return <Trouble page error={unreachable.value} again={() => void resume()} />;
  if (resuming.value) return <Waiting what={t.value.frame.moment} />;
  if (!user.value) return <SignIn />;
  switch (where.page) {
    case "new":
      return <NewAudit />;
    case "audit":
      return <AuditPage key={where.id} id={where.id} query={where.query} />;
    case "history":
      return <History at={where} />;
    case "collections":
      return <Collections />;
    case "collection":
      return <CollectionPage key={where.id} id={where.id} query={where.query} />;
    case "document":
      return <DocumentPage key={where.id} collection={where.collection} id={where.id} query={where.query} />;
    case "compare":
      return <Compare key={where.ids.join()} ids={where.ids} />;
    case "statistics":
      return <StatisticsPage query={where.query} />;
    case "keys":
      return <KeysPage />;
    case "preferences":
      return <PreferencesPage />;
    default:
      return (
        <EmptyPage title={t.value.frame.lost}>
          <a class="button" href="#/">
            {t.value.frame.toBeginning}
          </a>
        </EmptyPage>
      );
  }
}
