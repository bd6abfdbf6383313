import { expect, it } from 'vitest';
import { DatabaseFault, toDatabaseFault } from '../../../src/storage/postgres/database-fault.ts';

const withCode = (code: string) => Object.assign(new Error('said'), { code });
const withText = (text: string) => new Error(text);

it.each([
  ['cannot be reached', true, ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', '08006', '57P01', '57P05'].map(withCode)],
  ['cannot be reached', true, ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS_HANDSHAKE_TIMEOUT'].map(withCode)],
  ['cannot be reached', true, ['ERR_STREAM_DESTROYED', 'ERR_SOCKET_CONNECTION_TIMEOUT'].map(withCode)],
  ['cannot be reached', true, ['timeout expired', 'Connection terminated unexpectedly'].map(withText)],
  ['does not answer', true, [withText('Query read timeout')]],
  ['in use', false, [withText('timeout exceeded when trying to connect')]],
  [
    'certificate',
    false,
    ['CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT'].map(withCode),
  ],
  [
    'certificate',
    false,
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'INVALID_CA',
      'CRL_HAS_EXPIRED',
      'ERROR_IN_CERT_NOT_AFTER_FIELD',
      'UNSPECIFIED',
    ].map(withCode),
  ],
  ['its disk', false, ['58030', 'XX001', 'XX002'].map(withCode)],
  ['takes no connections', false, [withText('database "a" is not currently accepting connections')]],
  ['no such database', false, ['3D000', '57P04'].map(withCode)],
  ['refuses the user', false, [withText('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string')]],
  ['is something else', true, [withText('There was an error establishing an SSL connection')]],
  ['is something else', true, [withText('Not of PostgreSQL: Unknown authenticationOk message type 7')]],
  ['too many files', false, ['EMFILE', 'ENFILE'].map(withCode)],
])('a failure says what has failed, and whether it may be an outage: %s, %s', (what, mayBeOutage, errors) => {
  for (const error of errors) {
    expect(toDatabaseFault(error), String(error)).toMatchObject({ what: expect.stringContaining(what), mayBeOutage });
  }
});

it.each([
  'ERR_INVALID_ARG_TYPE',
  'ERR_OUT_OF_RANGE',
  'ERR_SOCKET_BAD_PORT',
  'ERR_STREAM_NULL_VALUES',
  '42601',
  '23505',
])('a mistake of ours is none: %s', (code) => {
  const error = withCode(code);
  expect(toDatabaseFault(error)).toBe(error);
  expect(toDatabaseFault(error)).not.toBeInstanceOf(DatabaseFault);
});
