/**
 * Writes docs/compatibility.md from the operation table and the results of clients and players; with --check only reports
 * whether it is up to date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LIVE_OPERATIONS } from '../src/live/live-operations.ts';
import type { Permission } from '../src/oss/access/authorize-access.ts';
import type { Operation } from '../src/oss/rest/operation.ts';
import { OPERATIONS } from '../src/oss/rest/operations.ts';
import { STS_OPERATIONS } from '../src/sts/sts-operations.ts';
import { clientsProven } from './clients-proven.ts';
import { playersProven } from './players-proven.ts';
import { suitesProven } from './suites-proven.ts';
import { flag, readOptions } from './support/command-line.ts';

const { check: isCheck } = readOptions(import.meta.url, { check: flag('Only say whether it is up to date') });

const PAGE = fileURLToPath(new URL('../docs/compatibility.md', import.meta.url));

const CALLERS: Readonly<Record<Permission, string>> = {
  'read object': 'anyone, if the object or bucket is public-read',
  'write object': 'anyone, if the object or bucket is public-read-write',
  list: 'the owner',
  manage: 'the owner',
};

const ADDRESSES: Readonly<Record<Operation['level'], string>> = {
  service: '/',
  bucket: '/{bucket}/',
  object: '/{bucket}/{key}',
  channel: '/{bucket}/{channel}',
};

function page(): string {
  const served = OPERATIONS.filter(({ handler }) => handler !== undefined);
  const refused = OPERATIONS.filter(({ handler }) => handler === undefined);
  return `# Compatibility

Generated from \`src/oss/rest/operations.ts\`, \`src/live/live-operations.ts\`, \`docs/clients.json\`,
\`docs/suites.json\` and \`docs/players.json\` by \`npm run docs\`.

An operation is known by its method and the query parameters that must be there. Addresses are shown in path style;
virtual-host style and CNAMEs work as well. The channel of PostVodPlaylist is followed by \`/{playlist}.m3u8\`.

## Served: ${served.length} operations

${table(served)}

The owner is every key of the account that the bucket belongs to. A bucket policy allows more and denies, see
[access.md](reference/access.md).

Besides these, \`OPTIONS\` on any address answers CORS preflights (OptionObject).

## Known and refused: ${refused.length} operations

They are answered with 501 \`NotImplemented\` and a message that names the operation; so are sub-resources that no operation
has there. A method that no operation has there is answered with 405 \`MethodNotAllowed\`.

${refused.map((operation) => `- ${operation.name}: ${request(operation)}`).join('\n')}

## ApsaraVideo Live: ${LIVE_OPERATIONS.length} operations

Of the RPC product \`live\`, version 2016-11-01, at \`/\` of the same port, by GET or POST, signed with RPC v1 (HMAC-SHA1) or
ACS3-HMAC-SHA256. Every other operation is answered with 404 \`InvalidAction.NotFound\`.

| Operation | Required parameters |
| --- | --- |
${LIVE_OPERATIONS.map(({ name, required }) => `| ${name} | ${required.join(', ')} |`).join('\n')}

## STS: ${STS_OPERATIONS.length} operations

Of the RPC product \`Sts\`, version 2015-04-01, at the same place and signed in the same way.

| Operation | Required parameters |
| --- | --- |
${STS_OPERATIONS.map(({ name, required }) => `| ${name} | ${required.join(', ')} |`).join('\n')}

${clientsProven()}
${suitesProven()}
${playersProven()}`;
}

function table(operations: readonly Operation[]): string {
  const rows = operations.map((operation) => {
    return `| ${operation.name} | ${request(operation)} | ${CALLERS[operation.permission]} |`;
  });
  return ['| Operation | Request | Allowed for |', '| --- | --- | --- |', ...rows].join('\n');
}

function request({ method, level, select, header }: Operation): string {
  const target = `\`${method} ${ADDRESSES[level]}${select === '' ? '' : `?${select}`}\``;
  return header === undefined ? target : `${target} with \`${header}\``;
}

const before = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
const after = page();

if (!isCheck) {
  writeFileSync(PAGE, after);
} else if (after !== before) {
  console.error('docs/compatibility.md is out of date; run npm run docs.');
  process.exitCode = 1;
}
