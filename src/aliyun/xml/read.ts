/**
 * Reads request bodies. xml2js parses; what it would let through (a DOCTYPE, text or a second root behind the root,
 * control characters) or be slow about (depth) is refused before.
 */

import { Parser } from 'xml2js';
import { toError } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';

/** One element. Attributes, comments and processing instructions are gone; unknown children are simply not asked for. */
export interface XmlElement {
  /** Its own text, blanks included. */
  readonly text: string;
  /** By name, in document order. */
  readonly children: ReadonlyMap<string, readonly XmlElement[]>;
}

/** Deeper than anything the service knows (its deepest document has four levels). */
const MAX_DEPTH = 32;
/** What XML 1.0 cannot carry (production [2] Char). */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
/** A start or end tag. Its parts exclude each other, so a bad one costs no more than its length. */
const TAG = /<(\/?)[^\s<>/!?"'](?:"[^"]*"|'[^']*'|[^"'<>])*>/;

/**
 * Parses a body of at most `maxBytes` whose root is `rootName`. Tolerates what SDKs send: no declaration, self-closed
 * elements, stray text between elements. Throws MalformedXML with an ErrorDetail.
 */
export function readXml(body: Buffer, rootName: string, maxBytes: number): XmlElement {
  if (body.length > maxBytes) throw malformed(`the document is larger than ${maxBytes} bytes`);
  const text = decodeUtf8(body);
  checkStructure(text);
  const [[name, content] = ['', '']] = Object.entries(parse(text));
  if (name !== rootName) throw malformed(`the root element is ${name || 'missing'}, not ${rootName}`);
  return toElement(content);
}

/** The first child of that name, the one that counts. */
export function childOf(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return childrenOf(parent, name)[0];
}

export function childrenOf(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  return parent?.children.get(name) ?? [];
}

/** The text of the first child of that name; undefined when absent, empty when it is empty. */
export function textOf(parent: XmlElement | undefined, name: string): string | undefined {
  return childOf(parent, name)?.text;
}

export function textsOf(parent: XmlElement | undefined, name: string): readonly string[] {
  return childrenOf(parent, name).map((child) => child.text);
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformed('the document is not UTF-8');
  }
}

/** One pass over the markup: one root, nothing but blanks around it, no DOCTYPE, bounded depth. */
function checkStructure(text: string): void {
  if (FORBIDDEN.test(text)) throw malformed('the document contains a control character');
  const tagHere = new RegExp(TAG, 'y');
  let depth = 0;
  let roots = 0;
  let end = 0;
  for (let start = text.indexOf('<'); start >= 0; start = text.indexOf('<', end)) {
    if (depth === 0 && text.slice(end, start).trim() !== '') throw malformed('text outside the root element');
    end = endOfOpaque(text, start, depth);
    if (end > start) continue;
    tagHere.lastIndex = start;
    const tag = tagHere.exec(text);
    if (!tag) throw malformed('a tag is not closed');
    end = tagHere.lastIndex;
    if (tag[1] === '/') depth -= 1;
    else if (depth === 0 && ++roots > 1) throw malformed('a second root element');
    else if (!tag[0].endsWith('/>')) depth += 1;
    if (depth < 0) throw malformed('an end tag without a start tag');
    if (depth > MAX_DEPTH) throw malformed(`elements are nested deeper than ${MAX_DEPTH} levels`);
  }
  if (roots === 0) throw malformed('there is no root element');
  if (text.slice(end).trim() !== '') throw malformed('text outside the root element');
}

/** Where a comment, CDATA section or processing instruction that begins at `start` ends; `start` if it is none. */
function endOfOpaque(text: string, start: number, depth: number): number {
  for (const [opening, closing] of OPAQUE) {
    if (!text.startsWith(opening, start)) continue;
    if (opening === '<![CDATA[' && depth === 0) throw malformed('text outside the root element');
    const index = text.indexOf(closing, start + opening.length);
    if (index < 0) throw malformed(`${opening} is not closed`);
    return index + closing.length;
  }
  if (text.startsWith('<!', start)) throw malformed('a DOCTYPE is not allowed');
  return start;
}

const OPAQUE = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/** xml2js's shape: text, or children by name (always as lists) with the element's own text under `_`. */
type Parsed = string | { readonly [name: string]: Parsed | readonly Parsed[] };

function parse(text: string): Record<string, Parsed> {
  const parser = new Parser({ async: false, ignoreAttrs: true, explicitArray: true, emptyTag: '' });
  let document: Record<string, Parsed> | null = null;
  let failure: Error | null = null;
  try {
    parser.parseString(text, (error: Error | null, result: Record<string, Parsed> | null) => {
      failure ??= error;
      document ??= result;
    });
  } catch (error) {
    failure ??= toError(error);
  }
  if (failure !== null || document === null) throw malformed(describe(failure));
  return document;
}

function toElement(parsed: Parsed): XmlElement {
  if (typeof parsed === 'string') return { text: parsed, children: new Map() };
  const children = new Map<string, readonly XmlElement[]>();
  let text = '';
  for (const [name, content] of Object.entries(parsed)) {
    if (typeof content === 'string') text = content;
    else if (Array.isArray(content)) children.set(name, content.map(toElement));
  }
  return { text, children };
}

/** sax names the position on further lines. */
function describe(error: Error | null): string {
  return error?.message.replaceAll('\n', ', ') ?? 'the root element is not closed';
}

function malformed(detail: string): OssError {
  return new OssError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema.',
    {
      ec: '0016-00000608',
      details: { ErrorDetail: detail },
      reason: detail,
    },
  );
}
