import { Builder } from 'xml2js';

/** The content of an element: text, child elements by name, or several elements of one name. Undefined is left out. */
export type XmlContent =
  | string
  | number
  | boolean
  | readonly XmlContent[]
  | { readonly [elementName: string]: XmlContent | undefined };

/** What XML 1.0 cannot carry, not even as a character reference (production [2] Char). */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** `allowEmpty`: an empty element is a pair of tags. Its declared type does not know the option. */
const RENDERING = { pretty: true, indent: '  ', newline: '\n', allowEmpty: true };

/**
 * Writes a document as the service does: declaration, LF, two blanks of indentation, one LF at the end, no namespace;
 * empty elements as a pair of tags. Characters that XML cannot carry become U+FFFD.
 */
export function writeXml(rootName: string, content: XmlContent): string {
  const builder = new Builder({
    xmldec: { version: '1.0', encoding: 'UTF-8' },
    renderOpts: RENDERING,
  });
  return `${builder.buildObject({ [rootName]: prepare(content) })}\n`;
}

/** `2024-12-31T23:45:00.000Z`: whole seconds, because the Python SDK accepts nothing but `.000Z`. */
export function xmlTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}

type BuilderInput = string | readonly BuilderInput[] | { readonly [elementName: string]: BuilderInput };

function prepare(content: XmlContent): BuilderInput {
  if (typeof content !== 'object') return String(content).replace(FORBIDDEN, '\u{FFFD}');
  if (isList(content)) return content.map(prepare);
  const children: Record<string, BuilderInput> = {};
  for (const [name, child] of Object.entries(content)) {
    if (child !== undefined) children[name] = prepare(child);
  }
  return children;
}

function isList(content: XmlContent): content is readonly XmlContent[] {
  return Array.isArray(content);
}
