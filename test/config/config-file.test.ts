import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type GivenConfig, parseFlags, readConfig } from '../../src/cli/command-line.ts';
import { execCommand } from '../../src/cli/commands/exec-command.ts';
import { startCommand } from '../../src/cli/commands/start-command.ts';
import { helpOf } from '../../src/cli/commands/table.ts';
import { flagsOf } from '../../src/cli/flags-of.ts';
import { OPTIONS, type OptionSpec, optionNames } from '../../src/config/config.ts';
import { CONFIG_FILE, readConfigFile } from '../../src/config/config-file.ts';
import { configSchema } from '../../src/config/config-schema.ts';

const parents: string[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
  parents.push(folder);
});
afterAll(() => Promise.all(parents.map((parent) => rm(parent, { recursive: true }))));

async function write(document: unknown, name = CONFIG_FILE): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  return path;
}

function read(argv: readonly string[] = [], environment: NodeJS.ProcessEnv = {}, from = folder): GivenConfig {
  const { flags } = parseFlags(argv, flagsOf(startCommand));
  return readConfig({ flags, environment, folder: from });
}

describe('a configuration file', () => {
  it('is found upwards from the working folder', async () => {
    const path = await write({
      version: 1,
      $schema: './schema.json',
      port: 9100,
      buckets: ['media:public-read'],
      memory: true,
    });
    const deep = join(folder, 'a', 'b');
    await mkdir(deep, { recursive: true });
    const { config, file, given } = read([], {}, deep);
    expect(config).toMatchObject({ port: 9100, buckets: [{ name: 'media', acl: 'public-read' }], memory: true });
    expect(file).toBe(path);
    expect([...given]).toEqual([]);
  });

  it('is another one with --config or its variable, and none with --no-config', async () => {
    await write({ port: 9100 });
    const other = await write({ port: 9200 }, 'other.json');
    expect(read(['--config', other]).config.port).toBe(9200);
    expect(read(['--config', 'other.json']).file).toBe(other);
    expect(read([], { OSS_LIVECHANNEL_CONFIG: other }).config.port).toBe(9200);
    expect(read(['--no-config'])).toMatchObject({ config: { port: 9000 }, file: undefined });
    expect(() => read(['--config', other, '--no-config'])).toThrow('Give --config or --no-config, not both.');
    expect(() => read(['--config', 'none.json'])).toThrow(/^There is no file \S+none\.json for --config\.$/);
  });

  it('counts less than variables, and these less than flags; lists are not joined', async () => {
    await write({ port: 1, region: 'of-file', logLevel: 'error', channels: ['of-file'] });
    const environment = { OSS_LIVECHANNEL_REGION: 'of-variable', OSS_LIVECHANNEL_LOG_LEVEL: 'warn' };
    const { config } = read(['--log-level', 'debug', '--channel', 'of-flag'], environment);
    expect(config).toMatchObject({ port: 1, region: 'of-variable', logLevel: 'debug', channels: ['of-flag'] });
  });

  it('counts less than the defaults that a command has of its own, which its help shows', async () => {
    await write({ port: 1, rtmpPort: 2, webrtcPort: 3, logLevel: 'debug', memory: false, region: 'of-file' });
    const readExec = (...argv: string[]) => {
      const { flags } = parseFlags(argv, flagsOf(execCommand));
      return readConfig({ flags, environment: {}, folder }, execCommand.defaults).config;
    };
    const own = { port: 0, rtmpPort: undefined, webrtcPort: 0, logLevel: 'warn', memory: true };
    expect(readExec()).toMatchObject({ ...own, region: 'of-file' });
    expect(readExec('--port', '5', '--log-level', 'info')).toMatchObject({ ...own, port: 5, logLevel: 'info' });
    expect(readExec('--data-dir', 'here')).toMatchObject({ ...own, memory: false, dataDir: 'here' });
    const shown = new Map(
      [...helpOf(execCommand).matchAll(/^ {2}--(\S+) .*\[(.*)\]$/gm)].map(([, flag, text]) => [flag, text]),
    );
    for (const [name, value] of Object.entries(execCommand.defaults ?? {})) {
      const { flag } = OPTIONS[optionNames().find((known) => known === name) ?? 'host'];
      expect(shown.get(flag), name).toBe(String(value));
    }
    expect(helpOf(startCommand)).toContain('[9000]');
  });

  it('turns on switches that a flag turns off', async () => {
    await write({ memory: true, tls: true });
    expect(read(['--memory=false', '--tls=false']).config).toMatchObject({ memory: false, tls: false });
    expect(read(['--data-dir', 'here']).config).toMatchObject({ memory: false, dataDir: 'here' });
    expect(() => read(['--data-dir', 'here', '--memory'])).toThrow('Give --memory or --data-dir, not both.');
    expect(() => read(['--memory=no'])).toThrow('--memory takes no value but true or false; see --help.');
  });

  it('has paths relative to its folder, and programs by their name', async () => {
    await write({
      dataDir: 'data',
      seed: './seeds/s.json',
      import: '../x.tar',
      credentials: '/etc/keys.json',
      ffmpeg: 'ffmpeg',
    });
    expect(read([], {}, folder).config).toMatchObject({
      dataDir: join(folder, 'data'),
      seed: join(folder, 'seeds', 's.json'),
      import: join(folder, '..', 'x.tar'),
      credentials: '/etc/keys.json',
      ffmpeg: 'ffmpeg',
    });
    await write({ ffmpeg: './bin/ffmpeg' });
    expect(read().config.ffmpeg).toBe(join(folder, 'bin', 'ffmpeg'));
  });

  it.each([
    ['not JSON', '{', 'cannot be read as JSON: '],
    ['a list', '[]', 'must hold one JSON object, such as {"memory": true}.'],
    ['a misspelt key', { buckts: [] }, ': unknown key "buckts" (did you mean "buckets"?).'],
    ['a flag', { 'data-dir': 'x' }, ': unknown key "data-dir" (did you mean "dataDir"?).'],
    ['the flag of a list', { bucket: 'x' }, ': unknown key "bucket" (did you mean "buckets"?).'],
    ['an unknown key', { frobnicate: 1 }, ': unknown key "frobnicate" (docs/config.md has the keys).'],
    ['a text for a number', { port: '9100' }, ': port must be a number, not "9100".'],
    ['a number for a text', { region: 5 }, ': region must be a text, not 5.'],
    ['a text for a switch', { memory: 'yes' }, ': memory must be true or false, not "yes".'],
    ['a text for a list', { buckets: 'media' }, ': buckets must be a list of texts, not "media".'],
    ['a list with a number', { channels: ['a', 1] }, ': channels[1] must be a text, not 1.'],
    [
      'an object of a program',
      { cnames: [{ host: 'a', bucket: 'media' }] },
      ': cnames[0] must be a text, not an object.',
    ],
    ['an offset of a program', { liveUtcOffsetMs: 28_800_000 }, ': liveUtcOffsetMs must be a text, not 28800000.'],
    ['a list for a text', { region: ['x'] }, ': region must be a text, not a list.'],
    ['a key twice', '{"port": 1, "port": 2}', ' has the key "port" twice in one object: remove one.'],
    [
      'a key twice, once escaped',
      '{"port": 1, "p\\u006frt": 2}',
      ' has the key "port" twice in one object: remove one.',
    ],
    ['null', { seed: null }, ': seed must be a text, not null.'],
    ['a value that does not fit', { port: 70_000 }, ': port must be a port, 0 to 65535, not "70000".'],
    ['a fraction', { port: 1.5 }, ': port must be a port, 0 to 65535, not "1.5".'],
    ['another word', { rtmpPort: 'none' }, ': rtmpPort must be a number or "off", not "none".'],
    ['an unknown choice', { auth: 'lose' }, ': auth must '],
    [
      'a newer version',
      { version: 2, shiny: true },
      ': version is 2, and this emulator reads up to 1: update the emulator.',
    ],
    ['another version', { version: '1' }, ': version must be 1, not "1".'],
  ])('of %s is refused with one sentence that names it', async (_what, document, message) => {
    const path = await write(document);
    expect(() => read()).toThrow(message);
    expect(() => read()).toThrow(path);
    expect(() => read()).toThrow(/^[^\n]*\.$/);
  });

  const secrets = [
    'metadata',
    'objects',
    'nodeUrl',
    'publicUrl',
    'webhook',
    'accessKeySecret',
    'liveAuthKeys',
  ] as const;

  it('knows which options may have a secret in their value', () => {
    const marked = optionNames().filter((name) => OPTIONS[name].isSecret);
    expect(marked.toSorted()).toEqual([...secrets].toSorted());
  });

  it.each(secrets)('does not repeat the secret of %s', async (name) => {
    const url = 'ftp://user:hidden@host/hidden';
    for (const value of [url, 'hidden', 4_815_162_342, [url], [[url]], { url }, ['a', { hidden: url }]]) {
      // What fits is not refused.
      if (name === 'accessKeySecret' && typeof value === 'string') continue;
      if (value === 'hidden' && ['nodeUrl', 'publicUrl', 'objects', 'webhook'].includes(name)) continue;
      const path = await write({ [name]: value });
      expect(() => readConfigFile(path)).toThrow(`: ${name}`);
      expect(() => readConfigFile(path)).not.toThrow(/hidden|4815162342/);
    }
  });

  it('does not repeat a secret of a file that is no JSON', async () => {
    const line = '"accessKeySecret": ';
    for (const [text, problem] of [
      [`{${line}hidden}`, "Unexpected token 'h' in line 1"],
      [`{\n  "port": 1,\n  ${line}'hidden'\n}`, "Unexpected token ''' in line 3"],
      [`{\n${line}"hidden" "port": 1}`, "Expected ',' or '}' after property value in line 2"],
      [`{\n${line}"hidden`, 'Unterminated string in line 2'],
      ['hidden', "Unexpected token 'h' in line 1"],
    ] as const) {
      const path = await write(text);
      expect(() => readConfigFile(path)).toThrow(`cannot be read as JSON: ${problem}.`);
      expect(() => readConfigFile(path)).not.toThrow(/hidden|Secret/);
    }
  });

  it('may have every option at its default', async () => {
    const defaults: Record<string, unknown> = {};
    for (const name of optionNames()) {
      const { defaults: texts, repeatable, kind }: OptionSpec<unknown> = OPTIONS[name];
      const values = texts.map((text) => (kind === 'number' ? Number(text) : text));
      if (values.length > 0) defaults[name] = repeatable ? values : values[0];
    }
    await write(defaults);
    const { dataDir, ...config } = read().config;
    const { dataDir: _ofFlag, ...expected } = read(['--no-config']).config;
    expect(config).toEqual(expected);
    expect(dataDir).toBe(join(folder, '.oss-livechannel'));
  });
});

describe('the schema of the file', () => {
  it('knows every option, in the type that is read', async () => {
    const schema = JSON.parse(await readFile(new URL('../../docs/config.schema.json', import.meta.url), 'utf8'));
    expect(schema).toEqual(JSON.parse(JSON.stringify(configSchema())));
    expect(Object.keys(schema.properties)).toEqual(['$schema', 'version', ...optionNames()]);
    expect(schema.properties.rtmpPort).toMatchObject({ anyOf: [{ type: 'number' }, { enum: ['off'] }], default: 1935 });
    expect(schema.properties.buckets).toMatchObject({
      type: 'array',
      items: { type: 'string' },
      default: ['examplebucket:public-read'],
    });
    expect(schema.properties.memory).toMatchObject({ type: 'boolean' });
    expect(schema.additionalProperties).toBe(false);
  });
});
