import { expect, it } from 'vitest';
import { restartText } from '../../../src/console/state/restart-text.ts';

const FOLDER = '/data';
const DATABASE = 'postgres://emulator@db/emulator';

it.each([
  {
    before: FOLDER,
    now: FOLDER,
    says: /are as they were, in \/data\. The log, fault rules, .* begin anew/,
    hidesLoss: true,
  },
  { before: '', now: FOLDER, says: /are as they were, in \/data\./, hidesLoss: true },
  {
    before: DATABASE,
    now: DATABASE,
    says: /in postgres:\/\/emulator@db\/emulator is as it was, and so is the log/,
    hidesLoss: true,
  },
  { before: 'memory', now: 'memory', says: /in memory: what it had before is gone/, hidesLoss: false },
  { before: '', now: 'memory', says: /in memory: what it had before is gone/, hidesLoss: false },
  {
    before: 'memory',
    now: FOLDER,
    says: /in \/data; the one before stored in memory, and what that had is gone/,
    hidesLoss: false,
  },
  {
    before: FOLDER,
    now: 'memory',
    says: /in memory; the one before stored in \/data, and what that had is still there/,
    hidesLoss: true,
  },
  {
    before: FOLDER,
    now: '/other',
    says: /in \/other; the one before stored in \/data, and what that had is still there/,
    hidesLoss: true,
  },
])('after a restart from "$before" to "$now" the page says what is kept', ({ before, now, says, hidesLoss }) => {
  const text = restartText(before, now);
  expect(text).toMatch(says);
  expect(/gone|forgotten|lost/.test(text)).toBe(!hidesLoss);
  expect(text).toMatch(/^The emulator was started anew\. .* What was typed into forms is still there\.$/);
});
