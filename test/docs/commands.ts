/** The commands that the documents show, and those of them that are not typed by the test. */
import { fencesOf, type Page, proseOf } from './pages.ts';

export interface ShownCommand {
  readonly page: string;
  /** One command of a sentence, or all lines of a block. */
  readonly text: string;
}

/** What stands in a sentence and is meant to be typed. */
const TYPED =
  /`((?:[A-Z_]+=\S+ )*(?:npx|npm (?:run|start|test|ci|install|pack|i)|curl|docker|kubectl|sudo|pip|pkill|go (?:run|test|install)|netsh|source(?= <)) [^`]+|oss-livechannel(?:-emulator)?(?: [^`]+)?|npm (?:test|pack|install))`/g;

/** Those of the changelog were typed once. */
export function shownCommands(pages: readonly Page[]): readonly ShownCommand[] {
  return pages
    .filter(({ path }) => path !== 'CHANGELOG.md')
    .flatMap(({ path, text }) => [
      ...fencesOf(text)
        .filter(({ language }) => ['sh', 'bash', 'shell', 'console'].includes(language))
        .map((fence) => ({ page: path, text: fence.text.trim() })),
      ...[...proseOf(text).matchAll(TYPED)].map(([, command = '']) => ({ page: path, text: command })),
    ]);
}

export interface NotRun {
  readonly pages: RegExp;
  readonly commands: RegExp;
  /** The test that runs the same in another form: with a store, a folder or a machine of its own. */
  readonly by?: string;
  /** Why it is not typed. */
  readonly why: string;
}

const ANY = /./;
const OURS = '(?:npx )?oss-livechannel(?:-emulator)?';

/** Every entry has to fit a command that is shown. */
export const NOT_RUN: readonly NotRun[] = [
  {
    pages: /^README\.md$/,
    commands: /^TEST_METADATA=/,
    why: 'runs the tests again, with other stores: minutes; the page of each decision says what was run',
  },
  {
    pages: /^docs\/scale\.md$/,
    commands: /^pkill /,
    why: 'ends processes by their name, which may be those of others; test/cluster ends nodes by their id',
  },
  {
    pages: /^(?:README|docs\/(?:performance|reliability|invariants|scale|decisions\/.*|compatibility))\.md$/,
    commands:
      /^npm run (?:bench:\w+|soak|fuzz|crash|cluster|suites|scale-model -- --measure|docs:clients|docs:suites|docs:players)\b/,
    why: 'measures or tries for minutes to hours; the page says what was run, and with which figures',
  },
  {
    pages: ANY,
    commands: /^npm run screenshots$/,
    why: 'writes the pictures of docs, which are looked at by a person',
  },
  {
    pages: ANY,
    commands: /^npm run docs:site$/,
    by: 'test/docs/site.test.ts',
    why: 'writes into the docs',
  },
  {
    pages: ANY,
    commands: /^npm run (?:demo|demo:live)$/,
    why: 'shows a person the whole way, with ffmpeg and a browser in real time; test/e2e goes it with every step checked, by other code',
  },
  {
    pages: ANY,
    commands: /^npm (?:run docs|run sbom|run build|run build:console|pack)$/,
    why: 'writes into the checkout, which other tests use; npm run check and test/package hold what comes of it',
  },
  {
    pages: ANY,
    commands: /^npm ci && npm (?:start|test)$/,
    why: 'installs what this test runs on; .ci/run does it in a clean checkout',
  },
  {
    pages: ANY,
    commands: /^npm (?:test|install|start -- --memory|install --omit=optional)$/,
    why: 'the same',
  },
  {
    pages: ANY,
    commands: /^npm i -D (?:--omit=optional )?oss-livechannel-emulator$/m,
    by: 'test/package/package.test.ts',
    why: 'npm does not have the package yet; the test installs the packed one',
  },
  {
    pages: ANY,
    commands: /^(?:npm i -D pg@8$|npx -p )/,
    why: 'installs programs of others',
  },
  {
    pages: /^docs\/guides\/install\.md$/,
    commands: /^(?:npm run standalone$|tar -xzf )/,
    by: 'test/package/standalone.test.ts',
    why: 'builds the archive',
  },
  {
    pages: ANY,
    commands: /^npm run package-size$/,
    why: 'installs the package and every part for half a minute; test/package holds the bounds, by other code',
  },
  {
    pages: /^docs\/decisions\/release\.md$/,
    commands: /^npx tsx scripts\/make-data-folder\.ts$/,
    why: 'writes a fixture, at a release; test/storage/data-folders.test.ts opens the last one',
  },
  {
    pages: ANY,
    commands: /^(?:npm install (?:pg|ali-oss|@aws)|sudo apt-get|go install)/m,
    why: 'installs programs, or uses stores of others; test/e2e starts stores of its own',
  },
  {
    pages: ANY,
    commands: /^docker |kubectl/m,
    why: 'there is neither docker nor a cluster; test/package lays out the image',
  },
  {
    pages: /^docs\/scale\.md$/,
    commands: /OSS_LIVECHANNEL_METADATA=|^(?:npx )?oss-livechannel\S* start --node-name|_emulator\/nodes|show\/one/m,
    why: 'needs PostgreSQL, a store and haproxy on fixed ports; test/cluster and test/deploy start such nodes by other code',
  },
  { pages: ANY, commands: /^(?:sudo|netsh)\b/, why: 'changes a firewall, or the certificates of the system' },
  {
    pages: ANY,
    commands: new RegExp(`^${OURS} exec -- pytest$`),
    by: 'test/examples/languages.test.ts',
    why: 'needs pytest, which the test installs',
  },
  {
    pages: ANY,
    commands: new RegExp(`^${OURS} doctor --objects \\.\\.\\.$`),
    by: 'test/e2e/remote-objects.test.ts',
    why: 'the address of the store is left out',
  },
];

export function notRun({ page, text }: ShownCommand): NotRun | undefined {
  return NOT_RUN.find(({ pages, commands }) => pages.test(page) && commands.test(text));
}

/** For people: how many of the shown commands a test runs; one that is shown several times counts once. */
export function summary(shown: readonly ShownCommand[]): string {
  const count = (commands: readonly ShownCommand[]) => new Set(commands.map(({ text }) => text)).size;
  const typed = shown.filter((command) => notRun(command) === undefined);
  const elsewhere = shown.filter((command) => notRun(command)?.by !== undefined);
  const left = count(shown) - count([...typed, ...elsewhere]);
  return `${count(shown)} commands are shown: ${count(typed)} are typed here, ${count(elsewhere)} are run in another form by other tests, ${left} are not run`;
}
