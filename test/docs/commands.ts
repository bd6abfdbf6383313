/** The commands that the documents show, and those of them that no test runs. */
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
  /** Why, or which file runs the same. */
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
      /^npm run (?:bench:\w+|soak|fuzz|crash|cluster|suites|scale-model|docs:clients|docs:suites|docs:players)\b/,
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
    why: 'test/docs/site.test.ts runs it',
  },
  {
    pages: ANY,
    commands: /^npm run (?:demo|demo:live)$/,
    why: 'shows a person the whole way, with ffmpeg and a browser in real time; test/e2e goes it with every step checked',
  },
  {
    pages: ANY,
    commands: /^npm (?:run docs|run sbom|run build|run build:console|pack)$/,
    why: 'npm run check and test/package run them',
  },
  {
    pages: ANY,
    commands: /^npm ci && npm (?:start|test)$/,
    why: 'installs what this test runs on; .ci/run does it in a clean checkout',
  },
  {
    pages: ANY,
    commands: /^npm (?:test|install|start -- --memory|install --omit=optional)$/,
    why: 'the same; test/package installs the package, and test/e2e/command.test.ts starts it',
  },
  {
    pages: ANY,
    commands: /^(?:npm i -D|npx -p) /,
    why: 'installs programs, and npm does not have ours yet; test/package installs the packed package so',
  },
  {
    pages: /^docs\/guides\/install\.md$/,
    commands: /^(?:npm run standalone$|tar -xzf )/,
    why: 'test/package/standalone.test.ts builds the archive, unpacks it and starts it',
  },
  {
    pages: ANY,
    commands: /^npm run package-size$/,
    why: 'installs the package and every part for half a minute; test/package holds the bounds',
  },
  {
    pages: /^docs\/decisions\/release\.md$/,
    commands: /^npx tsx scripts\/make-data-folder\.ts$/,
    why: 'writes a fixture, at a release; test/storage/data-folders.test.ts opens the last one',
  },
  {
    pages: /^README\.md$/,
    commands: new RegExp(`^${OURS} logs --follow`),
    why: 'goes on until something happens; test/cli/commands/state-commands.test.ts follows and waits',
  },
  {
    pages: /^README\.md$/,
    commands: new RegExp(`^${OURS} completion fish \\|`),
    why: 'is for fish, in which test/cli/completion.test.ts tries it',
  },
  {
    pages: ANY,
    commands: /^(?:npm install (?:pg|ali-oss|@aws)|sudo apt-get|go install)/m,
    why: 'installs programs, or uses stores of others; test/e2e starts stores of its own',
  },
  {
    pages: /^docs\/scale\.md$/,
    commands: /OSS_LIVECHANNEL_METADATA=|^(?:npx )?oss-livechannel\S* start --node-name|_emulator\/nodes|show\/one/m,
    why: 'test/cluster and test/deploy start the nodes, PostgreSQL, the store and haproxy',
  },
  {
    pages: ANY,
    commands: /^docker |kubectl/m,
    why: 'there is neither docker nor a cluster; test/package lays out the image',
  },
  { pages: ANY, commands: /^(?:sudo|netsh)\b/, why: 'changes a firewall, or the certificates of the system' },
  {
    pages: ANY,
    commands: /^ffmpeg .*OSSAccessKeyId=\.\.\./,
    why: 'the signature is left out; test/encoders/ffmpeg.test.ts pushes with the whole line',
  },
  {
    pages: ANY,
    commands: new RegExp(`^${OURS} exec -- pytest$`),
    why: 'test/examples/languages.test.ts runs pytest so',
  },
  {
    pages: ANY,
    commands: new RegExp(`^${OURS} (?:backup FOLDER|start --data-dir FOLDER|doctor --repair)$`),
    why: 'test/crash/backup.test.ts and doctor.test.ts, with folders of their own',
  },
  {
    pages: ANY,
    commands: new RegExp(`^${OURS} doctor --objects \\.\\.\\.$`),
    why: 'test/e2e/remote-objects.test.ts, with a store of its own',
  },
  { pages: ANY, commands: /rtc\.\.\.\/H4sI/, why: 'the address is cut; test/cli/commands has the whole way' },
];

export function whyNotRun({ page, text }: ShownCommand): string | undefined {
  return NOT_RUN.find(({ pages, commands }) => pages.test(page) && commands.test(text))?.why;
}
