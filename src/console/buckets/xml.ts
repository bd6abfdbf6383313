/** Documents of the REST API in the browser, which has a parser and a writer of its own. */
import { CallFailed } from '../call-failed.ts';

/** @throws CallFailed when it is no XML, as when something else than the emulator answers */
export function parseXml(text: string): Document {
  const document = new DOMParser().parseFromString(text, 'application/xml');
  if (document.querySelector('parsererror')) throw new CallFailed('The answer of the emulator is no XML document.');
  return document;
}

export function xmlText(document: Document): string {
  return new XMLSerializer().serializeToString(document);
}

export function childElements(parent: Element | Document, name: string): readonly Element[] {
  return [...parent.children].filter((child) => child.tagName === name);
}

/** The text of the first child of that name; undefined without one. */
export function childText(parent: Element, name: string): string | undefined {
  return childElements(parent, name)[0]?.textContent ?? undefined;
}

/** Of an answer with `encoding-type=url`. */
export function childName(parent: Element, name: string): string {
  return decodeURIComponent(childText(parent, name) ?? '');
}

/** Leaves the children of that name with these texts, in the place of the first of them, or at the end. */
export function setChildTexts(parent: Element, name: string, texts: readonly string[]): void {
  const present = childElements(parent, name);
  const next = present[0]?.previousSibling ?? parent.lastChild;
  for (const child of present) child.remove();
  const made = texts.map((text) => {
    const child = parent.ownerDocument.createElementNS(null, name);
    child.textContent = text;
    return child;
  });
  if (present.length > 0 && next === null) parent.prepend(...made);
  else if (next) next.after(...made);
  else parent.append(...made);
}
