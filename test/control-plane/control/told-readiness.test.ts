import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import type { Component } from '../../../src/control-plane/control/readiness.ts';
import { ToldReadiness } from '../../../src/control-plane/control/told-readiness.ts';
import { keptLog } from '../../support/kept-log.ts';

function watched() {
  const clock = new ManualClock(0);
  const { log, lines } = keptLog();
  const away = new Set<string>();
  const told = new ToldReadiness({ clock, log, mayBeAway: (store) => away.has(store) });
  const check = (name: Component['name'], detail?: string) => {
    told.tell([{ name, state: detail === undefined ? 'ok' : 'failed', detail: detail ?? 'where' }]);
    clock.advance(2_000);
  };
  return { check, lines, away };
}

it.each(['http', 'rtmp', 'metadata', 'objects', 'segmenter'] as const)(
  'a failure of %s is told when it begins and when it is over, and not by each check',
  (name) => {
    const { check, lines } = watched();
    check(name);
    for (const detail of ['in memory: no disk', 'in memory: no disk', 'in memory: no room']) check(name, detail);
    check(name);
    check(name);
    expect(lines).toEqual([
      `warn  not-ready name=${name} detail="in memory: no disk"`,
      `warn  ready-again name=${name} failedSec=6`,
    ]);
  },
);

it.each(['metadata', 'objects'] as const)(
  'an outage of %s is not told twice, and what fails for another reason after it is told',
  (name) => {
    const { check, lines, away } = watched();
    away.add(name);
    check(name, 'it does not answer');
    away.clear();
    check(name, 'it is read-only');
    check(name);
    expect(lines).toEqual([
      `warn  not-ready name=${name} detail="it is read-only"`,
      `warn  ready-again name=${name} failedSec=2`,
    ]);
  },
);
