/**
 * Reads request bodies in one pass: sax, the parser of xml2js, reports what it finds, and the handlers below refuse
 * what the service refuses and what exceeds a limit. Nothing after the refused place is read.
 */

import sax, { type SAXParser } from 'sax';
import { decodeUtf8 } from '../../base/encoded-json.ts';
import { malformedXml } from './malformed-xml.ts';
import { checkMarkup } from './markup.ts';

/** One element. Attributes, comments and processing instructions are left out. */
export interface XmlElement {
  /** Its own text, blanks included. */
  readonly text: string;
  /** By name, in document order; undefined when there are none, because a map for each element is expensive. */
  readonly children: ReadonlyMap<string, readonly XmlElement[]> | undefined;
}

interface OpenElement {
  text: string;
  children: Map<string, OpenElement[]> | undefined;
}

/** The deepest document of the service has four levels. */
const MAX_DEPTH = 32;
/** More than the usual document has: those with longer lists have a bound of their own. */
const MAX_ELEMENTS = 2_000;
/** Of one element. The service knows `xmlns` only. */
const MAX_ATTRIBUTES = 32;
/** Of a document. */
const MAX_ALL_ATTRIBUTES = 2_000;
const MAX_NAME_CHARS = 256;
/** sax compares its unfinished name, comment or attribute with its own limit (64 KiB) after each piece it is given. */
const PIECE_CHARS = 16 * 1024;
/**
 * References to characters that XML 1.0 forbids (production [2] Char) and names of objects may have: U+0001 to U+001F,
 * U+FFFE and U+FFFF, in hexadecimal and decimal, with at most six zeros before. The SDKs send them
 * (DeleteMultipleObjects).
 */
const FORBIDDEN_REFERENCE =
  /&#(?:x0{0,6}(?:[1-8bcef]|1[0-9a-f]|fff[ef])|0{0,6}(?:[1-8]|1[124-9]|2[0-9]|3[01]|6553[45]));/gi;
/** Markup that sax accepts and XML does not allow: a blank before the name, CDATA in lower case. */
const MISSPELT = /^(<\/?\s|<!\[(?!CDATA))/;
const LONGEST_OPENING_CHARS = '<![CDATA['.length;
/** Only the five entities of XML, not those of HTML. The declared type does not know `strictEntities`. */
const OPTIONS = { position: true, strictEntities: true };

/**
 * Parses a body whose root is `rootName`. Accepts what SDKs send: no declaration, self-closed elements, stray text between
 * elements.
 *
 * @param maxElements of the longest such document
 * @throws OssError MalformedXML, with the reason as ErrorDetail, when the body is longer than `maxBytes` or is not such a
 * document
 */
export function readXml(body: Buffer, rootName: string, maxBytes: number, maxElements = MAX_ELEMENTS): XmlElement {
  if (body.length > maxBytes) throw malformedXml(`the document is larger than ${maxBytes} bytes`);
  const text = decodeUtf8(body);
  if (text === undefined) throw malformedXml('the document is not UTF-8');
  checkMarkup(text);
  const [[name, [root]] = ['', []]] = parse(text, maxElements).children ?? [];
  if (root === undefined) throw malformedXml('there is no root element');
  if (name !== rootName) throw malformedXml(`the root element is ${name}, not ${rootName}`);
  return root;
}

/** The first child of that name, the one that counts. */
export function childOf(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return childrenOf(parent, name)[0];
}

export function childrenOf(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  return parent?.children?.get(name) ?? [];
}

/** The text of the first child of that name; undefined when absent, empty when it is empty. */
export function textOf(parent: XmlElement | undefined, name: string): string | undefined {
  return childOf(parent, name)?.text;
}

export function textsOf(parent: XmlElement | undefined, name: string): readonly string[] {
  return childrenOf(parent, name).map((child) => child.text);
}

/** The document as an element whose children are its roots: one, or none when it is empty. */
function parse(text: string, maxElements: number): XmlElement {
  const parser = sax.parser(true, OPTIONS);
  const document = collectElements(parser, text, maxElements);
  allowForbiddenReferences(parser, text);
  refuseOtherMarkup(parser, text);
  for (let start = 0; start < text.length; start += PIECE_CHARS) {
    const piece = text.slice(start, start + PIECE_CHARS);
    if (piece.includes('\0')) throw malformedXml('the document contains a NUL');
    parser.write(piece);
  }
  parser.close();
  return document;
}

/**
 * sax looks for a reference among the entities before it reads it as a number, so each spelling that the document uses
 * becomes an entity. What is no reference, as in CDATA, stays as it is. The entities are those of this parser only.
 */
function allowForbiddenReferences(
  parser: SAXParser & { readonly ENTITIES?: Record<string, string> },
  text: string,
): void {
  for (const reference of new Set(text.match(FORBIDDEN_REFERENCE))) {
    const name = reference.slice(1, -1);
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    if (parser.ENTITIES) parser.ENTITIES[name] = String.fromCharCode(code);
  }
}

/** An element that receives the roots while `parser` reads `text`. */
function collectElements(parser: SAXParser, text: string, maxElements: number): XmlElement {
  const document = newElement();
  const ancestors: OpenElement[] = [];
  let current = document;
  let elements = 0;
  let attributes = 0;
  let allAttributes = 0;

  parser.onopentagstart = ({ name }) => {
    refuseMisspelt(parser, text);
    checkName(name);
    if (current === document && document.children !== undefined) throw malformedXml('a second root element');
    if (ancestors.length === MAX_DEPTH) throw malformedXml(`elements are nested deeper than ${MAX_DEPTH} levels`);
    elements += 1;
    if (elements > maxElements) throw malformedXml(`there are more than ${maxElements} elements`);
    attributes = 0;
    ancestors.push(current);
    current = addChild(current, name);
  };
  parser.onattribute = ({ name }) => {
    checkName(name);
    attributes += 1;
    if (attributes > MAX_ATTRIBUTES) throw malformedXml(`an element has more than ${MAX_ATTRIBUTES} attributes`);
    allAttributes += 1;
    if (allAttributes > MAX_ALL_ATTRIBUTES) throw malformedXml(`there are more than ${MAX_ALL_ATTRIBUTES} attributes`);
    // No document uses attributes, and sax fails when it keeps one that is named `hasOwnProperty`.
    parser.tag.attributes = {};
  };
  parser.onclosetag = () => {
    refuseMisspelt(parser, text);
    current = ancestors.pop() ?? document;
  };
  parser.onopencdata = () => {
    refuseMisspelt(parser, text);
    if (current === document) throw malformedXml('text outside the root element');
  };
  const addText = (added: string): void => {
    current.text += added;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  return document;
}

function refuseOtherMarkup(parser: SAXParser, text: string): void {
  parser.oncomment = () => refuseMisspelt(parser, text);
  parser.onprocessinginstruction = () => refuseMisspelt(parser, text);
  parser.ondoctype = () => {
    throw malformedXml('a DOCTYPE is not allowed');
  };
  parser.onerror = ({ message }) => {
    throw malformedXml(message.replaceAll('\n', ', '));
  };
}

/** Looks at the markup that `parser` is reading. */
function refuseMisspelt(parser: SAXParser, text: string): void {
  const start = parser.startTagPosition - 1;
  if (MISSPELT.test(text.slice(start, start + LONGEST_OPENING_CHARS)))
    throw malformedXml('a tag does not begin with its name');
}

function checkName(name: string): void {
  if (name.length > MAX_NAME_CHARS) throw malformedXml(`a name is longer than ${MAX_NAME_CHARS} characters`);
}

function newElement(): OpenElement {
  return { text: '', children: undefined };
}

function addChild(parent: OpenElement, name: string): OpenElement {
  const child = newElement();
  parent.children ??= new Map();
  const siblings = parent.children.get(name);
  if (siblings) siblings.push(child);
  else parent.children.set(name, [child]);
  return child;
}
