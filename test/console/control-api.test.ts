import { expect, it } from 'vitest';
import { API } from '../../src/admin/api.ts';
import { CALLS } from '../../src/console/control-api.ts';

it('the page calls what the emulator serves', () => {
  const served = Object.fromEntries(Object.entries(API).map(([name, { method, path }]) => [name, `${method} ${path}`]));
  expect(served).toMatchObject(CALLS);
});
