// The frame around every page.

import { useEffect, useRef } from "preact/hooks";
import { AuditPage } from "./pages/audit";
import { CollectionPage } from "./pages/collection";
import { Collections } from "./pages/collections";
import { Compare } from "./pages/compare";
import { DocumentPage } from "./pages/document";
import { History } from "./pages/history";
import { NewAudit } from "./pages/new-audit";
import { PreferencesPage } from "./pages/preferences";
import { SharedPage } from "./pages/shared";
import { SignIn } from "./pages/sign-in";
import { StatisticsPage } from "./pages/statistics";
import { Empty, Trouble, Waiting } from "./parts/notice";
import { refused, removeNow } from "./state/deletions";
import { route } from "./state/route";
import type { Route } from "./state/route";
import { client, resume, resuming, unreachable, user } from "./state/session";

const TABS: [Route["page"], string, string][] = [
  ["new", "#/", "New audit"],
  ["history", "#/history", "History"],
  ["collections", "#/collections", "Collections"],
  ["statistics", "#/statistics", "Statistics"],
  ["preferences", "#/preferences", "Preferences"],
];

/** The tab that a page without one of its own belongs to. */
const tabOf = ({ page }: Route): Route["page"] => (page === "collection" || page === "document" ? "collections" : page);

/** What was to be deleted is deleted first: afterwards nobody may. */
async function logOut() {
  await removeNow();
  refused.value = null;
  await client.auth.logout().catch(() => {});
}

export function App() {
  const main = useRef<HTMLElement>(null);
  const where = route.value;
  const known = useRef(where);
  // Whoever uses a keyboard or a screen reader goes on at the new page's beginning.
  useEffect(() => {
    if (known.current !== where) main.current?.focus();
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
        To the content
      </a>
      <header class="top">
        <a class="brand" href="/#/">
          <img src="/icon.svg" alt="" width="28" height="28" /> LLM Judge Auditor
        </a>
        {user.value && where.page !== "shared" && (
          <nav aria-label="Pages">
            {TABS.map(([page, path, name]) => (
              <a key={page} href={path} aria-current={tabOf(where) === page ? "page" : undefined}>
                {name}
              </a>
            ))}
          </nav>
        )}
        {user.value && where.page !== "shared" && (
          <span class="who">
            <span class="name">{user.value.username}</span>{" "}
            <button type="button" class="quiet" onClick={() => void logOut()}>
              Log out
            </button>
          </span>
        )}
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Page where={where} />
      </main>
      <footer class="bottom faint">
        <a href="/docs/">API reference</a> · <a href="/third-party-notices.txt">Licences</a>
      </footer>
    </>
  );
}

function Page({ where }: { where: Route }) {
  if (where.page === "shared") return <SharedPage token={where.token} />;
  if (unreachable.value) return <Trouble page error={unreachable.value} again={() => void resume()} />;
  if (resuming.value) return <Waiting what="One moment" />;
  if (!user.value) return <SignIn />;
  switch (where.page) {
    case "new":
      return <NewAudit />;
    case "audit":
      return <AuditPage key={where.id} id={where.id} />;
    case "history":
      return <History at={where} />;
    case "collections":
      return <Collections />;
    case "collection":
      return <CollectionPage key={where.id} id={where.id} query={where.query} />;
    case "document":
      return <DocumentPage key={where.id} collection={where.collection} id={where.id} query={where.query} />;
    case "compare":
      return <Compare first={where.first} second={where.second} />;
    case "statistics":
      return <StatisticsPage />;
    case "preferences":
      return <PreferencesPage />;
    default:
      return (
        <Empty page title="There is no such page">
          <a class="button" href="#/">
            To the beginning
          </a>
        </Empty>
      );
  }
}
