import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import OSS from 'ali-oss';
import { transform } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as library from '../../src/index.ts';

/** The files that declare the exports of the library. */
const FILES = [
  'base/clock.ts',
  'base/errors.ts',
  'events/events.ts',
  'control-plane/faults/faults.ts',
  'base/log.ts',
  'rtmp/client.ts',
  'testing/running-emulator.ts',
  'testing/start-emulator.ts',
];

interface Example {
  readonly name: string;
  readonly code: string;
}

/** Every `@example` of a file, by the name of the declaration it belongs to. */
function readExamples(path: string): readonly Example[] {
  const text = readFileSync(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)), 'utf8');
  const comments = text.matchAll(
    /\/\*\*(?<comment>(?:(?!\*\/)[\s\S])*@example(?:(?!\*\/)[\s\S])*)\*\/\s*(?<declaration>[^\n]*)/g,
  );
  return [...comments].flatMap(({ groups }) => {
    const lines = (groups?.comment ?? '').replace(/^[ \t]*\* ?/gm, '');
    const [, ...examples] = lines.split('@example');
    return examples.map((code, index) => ({
      name: `${path}: ${(groups?.declaration ?? '').trim()}${index > 0 ? ` (${index + 1})` : ''}`,
      code: code.replace(/^@\w[\s\S]*/m, ''),
    }));
  });
}

/** As an async function whose parameters are the names that the examples do not declare. */
async function compile(code: string): Promise<(context: Readonly<Record<string, unknown>>) => Promise<void>> {
  const { code: plain } = await transform(`async function example() {${code}}`, { loader: 'ts', target: 'node20' });
  return async (context) => {
    const names = Object.keys(context);
    await new Function(...names, `${plain}; return example();`)(...names.map((name) => context[name]));
  };
}

describe('the example of', () => {
  it.each(FILES.flatMap(readExamples).map(({ name, code }) => [name, code]))('%s runs', async (_, code) => {
    const emulator = await library.startEmulator({ channels: ['test-channel', 'cam'] });
    onTestFinished(() => emulator.stop());
    const example = await compile(code);
    const running = example({
      ...library,
      OSS,
      emulator,
      events: emulator.events,
      faults: emulator.faults,
      console: { ...console, error: () => {}, assert },
      spawn: () => {},
      page: { goto: async (url: string) => expect(url).toContain('.m3u8') },
      afterEach: (callback: () => Promise<void>) => callback(),
    });
    // The events for which an example waits have to happen.
    if (code.includes('waitFor(')) await emulator.publish({ channel: 'cam', durationSec: 6, speed: 'max' });
    await running;
  });
});

describe('every value of the library', () => {
  it('has an example', () => {
    const code = FILES.flatMap(readExamples)
      .map((example) => example.code)
      .join('\n');
    for (const name of Object.keys(library)) expect(code).toContain(name);
  });
});
