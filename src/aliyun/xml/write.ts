import { Builder } from 'xml2js';

/** The content of an element: text, child elements by name, or several elements of one name. Undefined is left out. */
export type XmlContent =
  | string
  | number
  | boolean
  | readonly XmlContent[]
  | { readonly [elementName: string]: XmlContent | undefined };

/** Markup, a carriage return, which readers would normalize, and what no name has: NUL and single surrogates. */
const SPECIAL = /[&<>\r\0]|\p{Cs}/gu;
/** Whether any of them may be there, which is faster to find out: both halves of a pair match. */
const MAYBE_SPECIAL = /[&<>\r\0\ud800-\udfff]/;
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };

/** The options of xml2js and xmlbuilder. `noValidation`: the texts are escaped here already. */
const DECLARATION = { version: '1.0', encoding: 'UTF-8', noValidation: true };
/** `allowEmpty`: an empty element is a pair of tags. Its declared type does not know the option. */
const RENDERING = { pretty: true, indent: '  ', newline: '\n', allowEmpty: true };

/** Stands for a text or a list that is put in later. No escaped text contains it. */
const GAP = '\0';
const ELEMENT_WITH_GAP = /^ *<[^<>]*>\0<\/[^<>]*>\n/gm;
/** Declaration and start tag of the root. */
const LINES_BEFORE_CONTENT = /^.*\n.*\n/;
const ROOT_END_LINE = /.*\n$/;

/**
 * Writes a document as the service does: declaration, LF, two blanks of indentation, one LF at the end, no namespace;
 * empty elements as a pair of tags.
 *
 * Names of objects may contain characters that XML 1.0 forbids. They are written as they are: the parser of the Node SDK
 * (sax from 1.6.1 on) refuses references to them and reads the characters. NUL and single surrogates become U+FFFD.
 *
 * xml2js is too slow for lists of a thousand entries: it writes each form of entry once, and the texts are put in.
 */
export function writeXml(rootName: string, content: XmlContent): string {
  const lists: string[] = [];
  const document = build(rootName, isParent(content) ? withoutLists(rootName, content, lists) : prepare(content));
  return lists.length === 0 ? document : fillGaps(document.split(ELEMENT_WITH_GAP), lists);
}

/** `2024-12-31T23:45:00.000Z`: whole seconds, because the Python SDK accepts nothing but `.000Z`. */
export function xmlTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}

type Parent = { readonly [elementName: string]: XmlContent | undefined };
type BuilderInput = string | readonly BuilderInput[] | { readonly [elementName: string]: BuilderInput };

function build(rootName: string, content: BuilderInput): string {
  const builder = new Builder({ xmldec: DECLARATION, renderOpts: RENDERING });
  return `${builder.buildObject({ [rootName]: content })}\n`;
}

/** The children of the root, with a gap in the place of each list; the lists are written into `lists`. */
function withoutLists(rootName: string, root: Parent, lists: string[]): BuilderInput {
  const children: Record<string, BuilderInput> = {};
  for (const [name, child] of Object.entries(root)) {
    if (child === undefined) continue;
    if (isList(child) && child.length > 1) {
      children[name] = GAP;
      lists.push(writeEntries(rootName, name, child));
    } else {
      children[name] = prepare(child);
    }
  }
  return children;
}

function writeEntries(rootName: string, name: string, entries: readonly XmlContent[]): string {
  const templates = new Map<string, Template>();
  const texts: string[] = [];
  let template: Template | undefined;
  let written = '';
  for (const entry of entries) {
    texts.length = 0;
    // Nearly always the form of an entry is that of the one before it.
    if (!template || !collectTexts(template.form, entry, texts)) {
      texts.length = 0;
      const form = formOf(entry);
      const key = JSON.stringify(form);
      template = templates.get(key) ?? { form, pieces: entryPieces(rootName, name, entry) };
      templates.set(key, template);
      collectTexts(form, entry, texts);
    }
    written += fillGaps(template.pieces, texts);
  }
  return written;
}

/** How an entry is written: `pieces` have its texts between them. */
interface Template {
  readonly form: Form;
  readonly pieces: readonly string[];
}

/** What elements that differ in texts only have in common; null for a text. */
type Form = null | { readonly isList: boolean; readonly children: readonly (readonly [name: string, form: Form])[] };

function formOf(content: XmlContent): Form {
  if (typeof content !== 'object') return null;
  const children: [string, Form][] = [];
  for (const [name, child] of Object.entries(content)) {
    if (child !== undefined) children.push([name, formOf(child)]);
  }
  return { isList: isList(content), children };
}

function entryPieces(rootName: string, name: string, entry: XmlContent): readonly string[] {
  const document = build(rootName, { [name]: prepare(entry, () => GAP) });
  return document.replace(LINES_BEFORE_CONTENT, '').replace(ROOT_END_LINE, '').split(GAP);
}

/** Adds the texts of an element of that form to `texts`; false when it has another one. */
function collectTexts(form: Form, content: XmlContent, texts: string[]): boolean {
  if (typeof content !== 'object') {
    texts.push(escapeText(content));
    return form === null;
  }
  if (form === null || form.isList !== isList(content)) return false;
  const { children } = form;
  if (isList(content)) {
    if (content.length !== children.length) return false;
    return content.every((item, index) => collectTexts(children[index]?.[1] ?? null, item, texts));
  }
  let count = 0;
  // V8 walks the fields of equal objects like this without a list of their names.
  for (const name in content) {
    const child = content[name];
    if (child === undefined) continue;
    const expected = children[count++];
    if (expected?.[0] !== name || !collectTexts(expected[1], child, texts)) return false;
  }
  return count === children.length;
}

function fillGaps(pieces: readonly string[], texts: readonly string[]): string {
  let filled = '';
  for (let index = 0; index < pieces.length; index++) filled += (pieces[index] ?? '') + (texts[index] ?? '');
  return filled;
}

function prepare(
  content: XmlContent,
  toText: (content: string | number | boolean) => string = escapeText,
): BuilderInput {
  if (typeof content !== 'object') return toText(content);
  if (isList(content)) return content.map((item) => prepare(item, toText));
  const children: Record<string, BuilderInput> = {};
  for (const [name, child] of Object.entries(content)) {
    if (child !== undefined) children[name] = prepare(child, toText);
  }
  return children;
}

function escapeText(content: string | number | boolean): string {
  const text = String(content);
  return MAYBE_SPECIAL.test(text) ? text.replace(SPECIAL, (character) => ESCAPED[character] ?? '\u{FFFD}') : text;
}

function isParent(content: XmlContent): content is Parent {
  return typeof content === 'object' && !isList(content);
}

function isList(content: XmlContent): content is readonly XmlContent[] {
  return Array.isArray(content);
}
