import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import type { Component } from '../../../src/control-plane/control/readiness.ts';
import { ToldReadiness } from '../../../src/control-plane/control/told-readiness.ts';
import { keptLog } from '../../support/kept-log.ts';
import { withResolvers } from '../../support/with-resolvers.ts';

function watched() {
  const clock = new ManualClock(0);
  const { log, lines } = keptLog();
  const away = new Set<string>();
  const told = new ToldReadiness({ clock, log, isAway: async (store) => away.has(store) });
  const check = async (name: Component['name'], detail?: string) => {
    await told.tell([{ name, state: detail === undefined ? 'ok' : 'failed', detail: detail ?? 'where' }]);
    clock.advance(2_000);
  };
  return { check, lines, away };
}

it.each(['http', 'rtmp', 'metadata', 'objects', 'segmenter'] as const)(
  'a failure of %s is told when it begins and when it is over, and not by each check',
  async (name) => {
    const { check, lines } = watched();
    await check(name);
    for (const detail of ['in memory: no disk', 'in memory: no disk', 'in memory: no room']) await check(name, detail);
    await check(name);
    await check(name);
    expect(lines).toEqual([
      `warn  not-ready name=${name} detail="in memory: no disk"`,
      `warn  ready-again name=${name} failedSec=6`,
    ]);
  },
);

it.each(['metadata', 'objects'] as const)(
  'an outage of %s is not told twice, and what fails for another reason after it is told',
  async (name) => {
    const { check, lines, away } = watched();
    away.add(name);
    await check(name, 'it does not answer');
    away.clear();
    await check(name, 'it is read-only');
    await check(name);
    expect(lines).toEqual([
      `warn  not-ready name=${name} detail="it is read-only"`,
      `warn  ready-again name=${name} failedSec=2`,
    ]);
  },
);

it.each([
  { isAway: true, told: [] },
  {
    isAway: false,
    told: ['warn  not-ready name=objects detail="PUT: 503"', 'warn  ready-again name=objects failedSec=3'],
  },
])(
  'what a check finds while the store is asked is told when that is known, and in order: away is $isAway',
  async (case_) => {
    const clock = new ManualClock(0);
    const { log, lines } = keptLog();
    const asked = withResolvers<boolean>();
    const told = new ToldReadiness({ clock, log, isAway: () => asked.promise });
    told.tell([{ name: 'objects', state: 'failed', detail: 'PUT: 503' }]);
    await setImmediate();
    clock.advance(3_000);
    const works = told.tell([{ name: 'objects', state: 'ok', detail: 'where' }]);
    expect(lines).toEqual([]);
    asked.resolve(case_.isAway);
    await works;
    expect(lines).toEqual(case_.told);
  },
);
