import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inGo, inJava, inJavaScript, inPython } from '../../src/base/string-literals.ts';
import { oddText } from '../support/odd-texts.ts';
import { goParser, pythonParser } from '../support/parsed-code/parsed-code.ts';
import { describeWith } from '../support/tools.ts';

/** Many at once, because each run starts a program. */
const manyTexts = fc.array(oddText, { minLength: 50, maxLength: 200 });
const HALVES_AND_BACKSLASHES = ['\ud83d', '\ude00', '\u2028', ''].flatMap((half) => {
  return ['\\u0022', '\\\\u0022', '\\', '"', '\n', 'u0022', 'x\\u0022', '\\134'].map((rest) => `\\${half}${rest}`);
});
const START_TIMEOUT_MS = 120_000;

describe.each([
  ['JavaScript', inJavaScript],
  ['Python', inPython],
  ['Go', inGo],
  ['Java', inJava],
])('a literal of %s', (_language, write) => {
  it('has one line, and nothing that is not visible as itself', () => {
    fc.assert(
      fc.property(oddText, (text) => {
        expect(write(text)).not.toMatch(/(?! )[\p{C}\p{Z}]/u);
      }),
    );
  });

  it('leaves common texts as they are', () => {
    expect(write("it's 日本語/😀 (1).m3u8")).toBe(`"it's 日本語/😀 (1).m3u8"`);
  });
});

it('a literal of JavaScript is its text', () => {
  fc.assert(
    fc.property(oddText, (text) => {
      expect(new Function(`return ${inJavaScript(text)}`)()).toBe(text);
    }),
  );
});

describeWith(['python3'], 'a literal of Python', () => {
  it(
    'is its text',
    () => {
      const parse = pythonParser();
      const program = (texts: readonly string[]) => `[${texts.map(inPython).join(', ')}]`;
      fc.assert(
        fc.property(manyTexts, (texts) => {
          expect(parse([program(texts)])[0]?.texts).toEqual(texts);
        }),
        { numRuns: 10 },
      );
    },
    START_TIMEOUT_MS,
  );
});

describeWith(['go'], 'a literal of Go', () => {
  it(
    'is its text, as UTF-8',
    () => {
      const parse = goParser();
      const program = (texts: readonly string[]) =>
        `package a\n\nvar texts = []string{${texts.map(inGo).join(', ')}}\n`;
      fc.assert(
        fc.property(manyTexts, (texts) => {
          expect(parse([program(texts)])[0]?.texts).toEqual(texts.map((text) => text.toWellFormed()));
        }),
        { numRuns: 10 },
      );
    },
    START_TIMEOUT_MS,
  );
});

describeWith(['java'], 'a literal of Java', () => {
  it(
    'is its text',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'literals-java-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const file = join(folder, 'Literals.java');
      fc.assert(
        fc.property(manyTexts, (texts) => {
          writeFileSync(file, javaProgram(texts));
          const output = execFileSync('java', ['-Dfile.encoding=UTF-8', file], { encoding: 'utf8' });
          expect(output.split('\n').slice(0, -1)).toEqual(texts.map(codeUnits));
        }),
        { numRuns: 3, examples: [[HALVES_AND_BACKSLASHES]] },
      );
    },
    START_TIMEOUT_MS,
  );
});

/** Prints a line with the code units of each text. */
function javaProgram(texts: readonly string[]): string {
  return `class Literals {
  public static void main(String[] none) {
    for (String text : new String[] {${texts.map(inJava).join(', ')}}) {
      StringBuilder line = new StringBuilder();
      for (char unit : text.toCharArray()) line.append((int) unit).append(' ');
      System.out.print(line + "\\n");
    }
  }
}
`;
}

function codeUnits(text: string): string {
  return Array.from({ length: text.length }, (_, at) => `${text.charCodeAt(at)} `).join('');
}
