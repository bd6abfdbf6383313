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

/** The options of xml2js and xmlbuilder. `noValidation`: what stands for a gap is no character of XML. */
const DECLARATION = { version: '1.0', encoding: 'UTF-8', noValidation: true };
/** `allowEmpty`: an empty element is a pair of tags. Its declared type does not know the option. */
const RENDERING = { pretty: true, indent: '  ', newline: '\n', allowEmpty: true };

/** Of a root, without markup; the same for all documents of a kind. */
export type XmlAttributes = Readonly<Record<string, string>>;

/** Stand for a text and for a list that are put in later. No escaped text contains NUL. */
const TEXT_GAP = '\0';
const LIST_GAP = '\0\0';
/** The element of a list is gone with it: its entries bring their own. */
const GAPS = /^ *<[^<>]*>\0\0<\/[^<>]*>\n|\0/gm;
/** Of one place: as many forms as a lifecycle rule has by its optional elements. */
const MAX_TEMPLATES = 256;

/**
 * Writes a document as the service does: declaration, LF, two blanks of indentation, one LF at the end, no namespace;
 * empty elements as a pair of tags.
 *
 * Names of objects may contain characters that XML 1.0 forbids. They are written as they are: the parser of the Node SDK
 * (sax from 1.6.1 on) refuses references to them and reads the characters. NUL and single surrogates become U+FFFD.
 *
 * xml2js is too slow for lists of a thousand entries, and for the document of every request: it writes each form of an
 * element once, and the texts are put in.
 */
export function writeXml(rootName: string, content: XmlContent, attributes: XmlAttributes = {}): string {
  const kind = [rootName, ...Object.entries(attributes).flat()].join(' ');
  let writer = WRITERS.get(kind);
  if (!writer) {
    writer = new ElementWriter([rootName], attributes);
    WRITERS.set(kind, writer);
  }
  return writer.write(content);
}

/** `2024-12-31T23:45:00.000Z`: whole seconds, because the Python SDK accepts nothing but `.000Z`. */
export function xmlTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}

type BuilderInput = string | { readonly [elementName: string]: BuilderInput };

/** What elements that differ in texts and in lists only have in common. Lists have the writer of their entries. */
type Form = 'text' | ElementWriter | readonly (readonly [name: string, form: Form])[];

/** What is put into a gap. */
type Part = string | { readonly entries: readonly XmlContent[]; readonly writer: ElementWriter };

/** How the elements of one form are written: `pieces` have their parts between them. */
interface Template {
  readonly form: Form;
  readonly pieces: readonly string[];
}

/** Writes the elements at one place of a document, with the lines that they are on. */
class ElementWriter {
  /** The names from the root to the element. */
  readonly #path: readonly string[];
  readonly #attributes: XmlAttributes;
  readonly #templates: Template[] = [];

  constructor(path: readonly string[], attributes: XmlAttributes = {}) {
    this.#path = path;
    this.#attributes = attributes;
  }

  write(content: XmlContent): string {
    for (const { form, pieces } of this.#templates) {
      const parts: Part[] = [];
      if (collectParts(form, content, parts)) return fillGaps(pieces, parts);
    }
    const template = this.#templateFor(content);
    if (this.#templates.push(template) > MAX_TEMPLATES) this.#templates.shift();
    const parts: Part[] = [];
    collectParts(template.form, content, parts);
    return fillGaps(template.pieces, parts);
  }

  #templateFor(content: XmlContent): Template {
    const form = formOf(content, this.#path);
    const builder = new Builder({ xmldec: DECLARATION, renderOpts: RENDERING });
    const element = withAttributes(this.#attributes, withGaps(form));
    const document = `${builder.buildObject(this.#path.reduceRight(enclose, element))}\n`;
    return { form, pieces: this.#ownLines(document).split(GAPS) };
  }

  /** Without declaration and ancestors; of the root, the whole document. */
  #ownLines(document: string): string {
    const ancestors = this.#path.length - 1;
    if (ancestors === 0) return document;
    return document
      .split(LINE_ENDS)
      .slice(1 + ancestors, -ancestors)
      .join('');
  }
}

/** By the start of the root, of which there are as many as kinds of documents. */
const WRITERS = new Map<string, ElementWriter>();
const LINE_ENDS = /(?<=\n)/;

function enclose(content: BuilderInput, name: string): BuilderInput {
  return { [name]: content };
}

/** `$` and `_`: as xml2js names attributes, and the text beside them. */
function withAttributes(attributes: XmlAttributes, content: BuilderInput): BuilderInput {
  if (Object.keys(attributes).length === 0) return content;
  return { $: attributes, ...(typeof content === 'string' ? { _: content } : content) };
}

function formOf(content: XmlContent, path: readonly string[]): Form {
  if (typeof content !== 'object') return 'text';
  if (isList(content)) return new ElementWriter(path);
  return Object.entries(content).flatMap(([name, child]) =>
    isAbsent(child) ? [] : [[name, formOf(child, [...path, name])] as const],
  );
}

function withGaps(form: Form): BuilderInput {
  if (form === 'text') return TEXT_GAP;
  if (form instanceof ElementWriter) return LIST_GAP;
  return Object.fromEntries(form.map(([name, child]) => [name, withGaps(child)]));
}

/** Adds what an element of that form has in its gaps to `parts`; false when it has another one. */
function collectParts(form: Form, content: XmlContent, parts: Part[]): boolean {
  if (typeof content !== 'object') {
    parts.push(escapeText(content));
    return form === 'text';
  }
  if (form === 'text') return false;
  if (form instanceof ElementWriter) {
    if (!isList(content)) return false;
    parts.push({ entries: content, writer: form });
    return true;
  }
  if (isList(content)) return false;
  let count = 0;
  // V8 walks the fields of equal objects like this without a list of their names.
  for (const name in content) {
    const child = content[name];
    if (isAbsent(child)) continue;
    const expected = form[count++];
    if (expected?.[0] !== name || !collectParts(expected[1], child, parts)) return false;
  }
  return count === form.length;
}

function fillGaps(pieces: readonly string[], parts: readonly Part[]): string {
  let filled = '';
  for (let index = 0; index < pieces.length; index++) filled += (pieces[index] ?? '') + textOf(parts[index] ?? '');
  return filled;
}

function textOf(part: Part): string {
  if (typeof part === 'string') return part;
  let written = '';
  for (const entry of part.entries) written += part.writer.write(entry);
  return written;
}

function escapeText(content: string | number | boolean): string {
  const text = String(content);
  return MAYBE_SPECIAL.test(text) ? text.replace(SPECIAL, (character) => ESCAPED[character] ?? '\u{FFFD}') : text;
}

/** An empty list has no elements at all. */
function isAbsent(content: XmlContent | undefined): content is undefined {
  return content === undefined || (isList(content) && content.length === 0);
}

function isList(content: XmlContent): content is readonly XmlContent[] {
  return Array.isArray(content);
}
