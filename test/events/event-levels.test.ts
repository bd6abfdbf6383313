import { expect, it } from 'vitest';
import { levelOf } from '../../src/events/event-levels.ts';

it.each([
  { event: { type: 'publish.ended' }, level: 'info' },
  { event: { type: 'publish.ended', lostFragments: 3 }, level: 'error' },
  { event: { type: 'live.ended' }, level: 'info' },
  { event: { type: 'live.ended', lostFragments: 1 }, level: 'error' },
  { event: { type: 'request.answered', status: 200 }, level: 'debug' },
  { event: { type: 'request.answered', status: 404 }, level: 'warn' },
  { event: { type: 'request.answered', status: 503 }, level: 'error' },
  { event: { type: 'of.a-newer-emulator', status: 503 }, level: 'info' },
])('the level of $event is $level', ({ event, level }) => {
  expect(levelOf(event)).toBe(level);
});
