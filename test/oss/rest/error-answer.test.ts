import { expect, it } from 'vitest';
import { ossErrorAnswer, toOssError } from '../../../src/oss/rest/error-answer.ts';
import { StoreUnavailable } from '../../../src/storage/objects/object-store.ts';
import { toDatabaseFault } from '../../../src/storage/postgres/database-fault.ts';

const ADDRESS = '10.1.2.3:5432';
const ofPostgres = (message: string, code?: string) => toDatabaseFault(Object.assign(new Error(message), { code }));
const ofStore = (facts: ConstructorParameters<typeof StoreUnavailable>[1]) =>
  new StoreUnavailable(`s3://b/ at http://${ADDRESS}: PUT: no answer`, facts);
const RATE = 'Please reduce your request rate.';
const because = (what: string) => `The emulator cannot do this at present: ${what}. Please try again later.`;

it.each([
  [
    'PostgreSQL refuses connections',
    ofPostgres(`connect ECONNREFUSED ${ADDRESS}`, 'ECONNREFUSED'),
    because('PostgreSQL cannot be reached'),
  ],
  [
    'PostgreSQL starts or stops',
    ofPostgres('the database system is starting up', '57P03'),
    because('PostgreSQL cannot be reached'),
  ],
  ['PostgreSQL stands still', ofPostgres('Query read timeout'), because('PostgreSQL does not answer')],
  [
    'PostgreSQL is slow',
    ofPostgres('canceling statement', '57014'),
    because('PostgreSQL is slow, or another program holds a lock'),
  ],
  ['PostgreSQL is read-only', ofPostgres('cannot execute', '25006'), because('PostgreSQL is read-only')],
  ['PostgreSQL has too many clients', ofPostgres('sorry, too many clients', '53300'), RATE],
  ['all connections to PostgreSQL are in use', ofPostgres('timeout exceeded when trying to connect'), RATE],
  [
    'an object store does not answer',
    ofStore({ what: 'its object store does not answer' }),
    because('its object store does not answer'),
  ],
  [
    'an object store refuses',
    ofStore({ what: 'its object store refuses that (403)' }),
    because('its object store refuses that (403)'),
  ],
  ['an object store has too many requests', ofStore({ what: 'unused', isBusy: true }), RATE],
])('clients are told why: %s', (_case, error, message) => {
  const refusal = toOssError(error);
  expect([refusal.code, refusal.status, refusal.message]).toEqual(['ServiceUnavailable', 503, message]);
  const { headers, body } = ossErrorAnswer(refusal, 'GET', 'id', 'host');
  expect(headers['retry-after']).toBe('1');
  expect(String(body)).toContain(`<Message>${message}</Message>`);
  // Where the store is, and what it said, is for the log.
  expect(String(body)).not.toMatch(/10\.1\.2\.3|error-answer\.test/);
  expect(refusal.reason).toBe(error instanceof Error ? error.message : '');
});
