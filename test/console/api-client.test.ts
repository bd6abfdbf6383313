import { expect, it } from 'vitest';
import { CALLS } from '../../src/console/api-client.ts';
import { LONG_CALLS } from '../../src/console/long-api.ts';
import { API } from '../../src/control-plane/admin/control-api.ts';

it('the page calls what the emulator serves', () => {
  const served = Object.fromEntries(Object.entries(API).map(([name, { method, path }]) => [name, `${method} ${path}`]));
  expect(served).toMatchObject(CALLS);
  expect(served).toMatchObject(LONG_CALLS);
});
