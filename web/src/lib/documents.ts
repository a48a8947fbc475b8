// Documents of collections: what a file is, and which document a passage comes from.

import type { DocumentMediaType, Evidence, InjectionSign, NamedSource, Span } from "judge-auditor-client";
import { t } from "../words";

const KINDS: { type: DocumentMediaType; endings: string[] }[] = [
  { type: "text/plain", endings: [".txt"] },
  { type: "text/markdown", endings: [".md", ".markdown"] },
  { type: "text/html", endings: [".html", ".htm"] },
  { type: "application/pdf", endings: [".pdf"] },
];

/** What a file picker offers. */
export const ACCEPTED = KINDS.flatMap((kind) => [...kind.endings, kind.type]).join();

/** By its name first: systems do not agree on the others. */
export function mediaTypeOf(file: { name: string; type: string }): DocumentMediaType | null {
  const name = file.name.toLowerCase();
  const kind = KINDS.find(({ endings }) => endings.some((ending) => name.endsWith(ending))) ?? KINDS.find(({ type }) => type === file.type);
  return kind?.type ?? null;
}

/** `text/markdown` as people say it. */
export function kindOf(mediaType: string) {
  const kind = KINDS.find(({ type }) => mediaType.startsWith(type));
  return kind ? t.value.kinds[kind.type] : mediaType;
}

/** The document of a collection that a piece of evidence comes from; null for one of the audit's own source. */
export function originOf(piece: Evidence): { name: string; collection: string; document: string } | null {
  if (!piece.document) return null;
  return { name: piece.source, collection: piece.document.collection_id, document: piece.document.document_id };
}

/** Where a piece of evidence stands in the audit's own source, of which several have names; null where it comes from elsewhere. */
export function placeInSource(piece: Evidence, sources: readonly NamedSource[] = []): Span | null {
  if (piece.document) return null;
  if (piece.source === "source_text") return piece.span;
  const named = sources.find(({ name }) => name === piece.source);
  return named ? { start: named.span.start + piece.span.start, end: named.span.start + piece.span.end } : null;
}

/** Where a passage stands that speaks to the judges. */
export function placeOf(sign: InjectionSign): string {
  const words = t.value.audit;
  return sign.place === "document" ? words.signDocument(sign.document ?? null) : words.signPlace[sign.place];
}
