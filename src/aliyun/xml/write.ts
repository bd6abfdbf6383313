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
  const templates = new Map<string, readonly string[]>();
  let written = '';
  for (const entry of entries) {
    const texts: string[] = [];
    const form = collectTexts(entry, texts);
    let template = templates.get(form);
    if (template === undefined) {
      const document = build(rootName, { [name]: prepare(entry, () => GAP) });
      template = document.replace(LINES_BEFORE_CONTENT, '').replace(ROOT_END_LINE, '').split(GAP);
      templates.set(form, template);
    }
    written += fillGaps(template, texts);
  }
  return written;
}

/** Adds the texts of an element to `texts`; returns its form, which is equal for elements that differ in texts only. */
function collectTexts(content: XmlContent, texts: string[]): string {
  if (typeof content !== 'object') {
    texts.push(escapeText(content));
    return ';';
  }
  let form = isList(content) ? '[' : '{';
  for (const [name, child] of Object.entries(content)) {
    if (child !== undefined) form += name + collectTexts(child, texts);
  }
  return `${form}}`;
}

function fillGaps(pieces: readonly string[], texts: readonly string[]): string {
  let filled = '';
  for (const [index, piece] of pieces.entries()) filled += piece + (texts[index] ?? '');
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
  return String(content).replace(SPECIAL, (character) => ESCAPED[character] ?? '\u{FFFD}');
}

function isParent(content: XmlContent): content is Parent {
  return typeof content === 'object' && !isList(content);
}

function isList(content: XmlContent): content is readonly XmlContent[] {
  return Array.isArray(content);
}
