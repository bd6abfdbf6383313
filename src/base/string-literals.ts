/**
 * Texts as string literals of the languages in which code is offered to be copied. Such a text often came from a client, as the
 * name of a channel does, so nothing in it may end its literal, or look like something else where it is pasted.
 */

/**
 * What is escaped: the quote, the backslash, and what is not visible as itself. These are control characters, line and
 * paragraph separators, blanks but the common one, formatting characters (U+FEFF, those that turn the direction of a text)
 * and halves of surrogate pairs.
 */
const ESCAPED = /["\\]|(?! )[\p{C}\p{Z}]/gu;

/** Of JavaScript (ECMAScript 12.9.4). */
export function inJavaScript(text: string): string {
  return literal(text, utf16Escape);
}

/** Of Python 3 (Lexical analysis 2.4.1). */
export function inPython(text: string): string {
  return literal(text, codePointEscape);
}

/** Of Go (String literals). Its texts are UTF-8, which has no halves of surrogate pairs: U+FFFD stands for one. */
export function inGo(text: string): string {
  return literal(text.toWellFormed(), codePointEscape);
}

/**
 * Of Java (JLS 3.10.7). A compiler of Java reads `\u000a` as a line break before it sees literals, so what is below U+0100
 * is written in octal digits. So are backslashes behind an escape of half a surrogate pair: javac 17 reads on for the other
 * half there, and takes `\\u0022` for a quote.
 */
export function inJava(text: string): string {
  const written = literal(text, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\${code.toString(8).padStart(3, '0')}` : utf16Escape(char);
  });
  return written.replace(/(?<=\\u[0-9a-f]{4})(?:\\\\)+/g, (run) => '\\134'.repeat(run.length / 2));
}

/** All four languages have these. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** @param escaped writes one code point */
function literal(text: string, escaped: (char: string) => string): string {
  return `"${text.replace(ESCAPED, (char) => SHORT.get(char) ?? escaped(char))}"`;
}

function utf16Escape(char: string): string {
  return Array.from({ length: char.length }, (_, at) => `\\u${hex(char.charCodeAt(at), 4)}`).join('');
}

function codePointEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
