import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LOG_EVENTS } from '../../src/base/log-events.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** A call of a log with a name, at a level or at one that is chosen there. */
const CALL = /\blog\??(?:\.(?<level>\w+)|\[(?<chosen>[^\]]*)\])\(\s*'(?<event>[\w.-]+)'/gi;
/** At another level in the outage of a store. */
const FAILURE = /logFailure\([\w.#]+, '(?<level>\w+)', error, '(?<event>[\w.-]+)'/g;
/** A name that is handed on to such a call, at one level. */
const HANDED_ON = [
  { pattern: /#warn\(\s*'(?<event>[\w.-]+)'/g, level: 'warn' },
  { pattern: /new RefusalTally\(\{[^}]*event: '(?<event>[\w.-]+)'/g, level: 'warn' },
  { pattern: /#emit\(\{ type: '(?<event>lifecycle\.[\w-]+)'/g, level: 'info' },
];

/** The events in the source, with the levels at which each is logged. */
function loggedEvents(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const note = (event: string, levels: readonly string[]) => {
    const known = found.get(event) ?? new Set();
    for (const level of levels) known.add(level);
    found.set(event, known);
  };
  const paths = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  for (const path of paths) {
    const source = read(`src/${path}`);
    for (const { groups: { event = '', level, chosen = '' } = {} } of source.matchAll(CALL)) {
      const literals = [...chosen.matchAll(/'(\w+)'/g)].map(([, literal = '']) => literal);
      note(event, level ? [level] : literals);
    }
    for (const { groups: { event = '', level = '' } = {} } of source.matchAll(FAILURE)) note(event, [level, 'debug']);
    for (const { pattern, level } of HANDED_ON)
      for (const { groups: { event = '' } = {} } of source.matchAll(pattern)) note(event, [level]);
  }
  return found;
}

const lines = (events: Iterable<[string, Iterable<string>]>): readonly string[] =>
  [...events].map(([event, levels]) => `${event}: ${[...levels].sort().join(', ')}`).sort();

it('the table of log events has every one that the source logs, at its levels, and no other', () => {
  const table = Object.entries(LOG_EVENTS).map(([event, { levels }]): [string, readonly string[]] => [event, levels]);
  expect(lines(table)).toEqual(lines(loggedEvents()));
});

it('docs/log.md has a row for each of them', () => {
  const rows = [...read('docs/log.md').matchAll(/^\| `(.+)` \| ([\w, ]+) \| .+ \|$/gm)];
  expect(lines(rows.map(([, event = '', levels = '']) => [event, levels.split(', ')]))).toEqual(lines(loggedEvents()));
});
