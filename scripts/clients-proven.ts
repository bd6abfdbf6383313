/**
 * The part of the compatibility page that shows which real clients passed, from the results of the last recorded run.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  ADDRESSINGS,
  type Addressing,
  type Auth,
  lifeTitle,
  ownTestsTitle,
  SDKS,
  type SdkUnderTest,
} from '../test/sdk/matrix.ts';
import { markdownTable } from './support/markdown-table.ts';

export const RESULTS = fileURLToPath(new URL('../docs/clients.json', import.meta.url));

/** By the title of the test or suite. */
export interface ClientResults {
  readonly lives: Readonly<Record<string, boolean>>;
  readonly ownTests: Readonly<Record<string, { readonly passed: number; readonly of: number }>>;
}

export function clientsProven(): string {
  const results: ClientResults = JSON.parse(readFileSync(RESULTS, 'utf8'));
  return `## Clients proven

Recorded in \`docs/clients.json\` by \`npm run docs:clients\`, which runs the suites of \`test/sdk\`. Each client, as its
makers publish it, takes a channel through its whole life: create, list, status, sign an RTMP URL, push with ffmpeg to
exactly that URL, stat while live, VOD playlist, refused deletion, history, disable and delete. The columns are the
endpoint the client was given and the style it was told to use.

${livesTable(results)}

LiveChannel tests that the makers of clients wrote and do not publish in the package; their assertions are repeated here:

${ownTestsTable(results)}
`;
}

function livesTable({ lives }: ClientResults): string {
  const head = ['Client', 'Signature', ...ADDRESSINGS.map(({ name }) => name)];
  const rows = SDKS.flatMap((sdk) =>
    sdk.auths.map((auth) => {
      const cells = ADDRESSINGS.map((addressing) => cell(lives, sdk, auth, addressing));
      return [`${sdk.name} ${sdk.version} (${sdk.language})`, auth, ...cells];
    }),
  );
  return markdownTable(head, rows);
}

function cell(lives: ClientResults['lives'], sdk: SdkUnderTest, auth: Auth, addressing: Addressing): string {
  if (!sdk.addressings.includes(addressing)) return 'same as without';
  return recorded(lives, lifeTitle(sdk, auth, addressing)) ? 'passed' : 'FAILED';
}

function ownTestsTable({ ownTests }: ClientResults): string {
  const rows = SDKS.flatMap((sdk) =>
    sdk.ownTests.map(({ file }) => {
      const { passed, of } = recorded(ownTests, ownTestsTitle(sdk, file));
      return [sdk.name, `\`${file}\``, `${passed} of ${of} passed`];
    }),
  );
  return markdownTable(['Client', 'Tests', 'Result'], rows);
}

function recorded<Result>(results: Readonly<Record<string, Result>>, title: string): Result {
  const result = results[title];
  if (result === undefined) throw new Error(`docs/clients.json has no "${title}"; run npm run docs:clients.`);
  return result;
}
