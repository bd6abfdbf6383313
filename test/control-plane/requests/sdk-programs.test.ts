/** The code that is copied, run by the libraries that it is for. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { type RunningEmulator, startEmulator } from '../../../src/index.ts';
import { INSTALL_TIMEOUT_MS, installPython } from '../../sdk/programs.ts';
import { controlOf } from '../../support/control.ts';
import { channelConfig, createClient } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';

const run = promisify(execFile);

const GO_MODULE = fileURLToPath(new URL('../../sdk/go/', import.meta.url));

/** Requests of every operation that has code, made in this order, each with what oss2 and the Go SDK send for it. */
async function makeRequests(emulator: RunningEmulator): Promise<void> {
  const client = createClient(emulator.port);
  await client.put('a/b c.txt', Buffer.from('text'));
  await client.putChannel('cam "1"', channelConfig({ FragDuration: 7 }));
  await client.listChannels({ prefix: 'test' } as Parameters<typeof client.listChannels>[0]);
  await client.getChannel('test-channel');
  await client.getChannelStatus('test-channel');
  await client.getChannelHistory('test-channel');
  await client.putChannelStatus('test-channel', 'disabled');
  await client.get('a/b c.txt');
  await client.head('a/b c.txt');
  await client.put('from.txt', Buffer.from('text'));
  await client.copy('copy', 'from.txt');
  await client.putACL('a/b c.txt', 'private');
  await client.getACL('a/b c.txt');
  await client.list({ prefix: 'a/', 'max-keys': 3 }, {});
  await client.listV2({ prefix: 'a/' }, {});
  await client.listBuckets({});
  await client.getBucketInfo('examplebucket');
  await client.deleteChannel('test-channel');
  await client.delete('copy');
}

interface Copied {
  readonly operation: string;
  readonly code: string;
}

/** The code in one language for each request that has been made, in their order. */
async function copiedCode(emulator: RunningEmulator, language: string): Promise<readonly Copied[]> {
  const control = controlOf(emulator);
  const { requests } = (await control('requests', '/requests')).body;
  const copied: Copied[] = [];
  for (const { requestId, operation } of requests.toReversed()) {
    const { body } = await control('repeatRequest', `/requests/${requestId}`);
    const [found] = body.code.filter(({ name }: { name: string }) => name === language);
    if (found) copied.push({ operation, code: found.code });
  }
  return copied;
}

function operationsSince(emulator: RunningEmulator, count: number): readonly (string | undefined)[] {
  return answered(emulator).slice(count);
}

function answered(emulator: RunningEmulator): readonly string[] {
  return emulator.events
    .since(0)
    .flatMap((event) => (event.type === 'request.answered' ? [`${event.operation} ${event.status < 300}`] : []));
}

async function folderWithBody(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'copied-code-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'BODY_FILE'), 'text');
  return folder;
}

describeWith(['python3', 'gcc'], 'code for oss2', () => {
  let python = '';
  beforeAll(async () => {
    python = (await installPython()).command;
  }, INSTALL_TIMEOUT_MS);

  it('makes the same requests', async () => {
    await using emulator = await startEmulator({ buckets: ['examplebucket'] });
    await makeRequests(emulator);
    const made = answered(emulator);
    const copied = await copiedCode(emulator, 'Python');
    expect(copied).toHaveLength(made.length);
    const folder = await folderWithBody();
    // oss2 lists with encoding-type=url, and reads the state of a channel that is there.
    const program = ['import oss2', ...copied.map(({ code }) => code)].join('\n');
    await controlOf(emulator)('putChannel', '/channels/examplebucket/test-channel', {});
    await writeFile(join(folder, 'copied.py'), program);
    await run(python, ['copied.py'], { cwd: folder });
    expect(operationsSince(emulator, made.length)).toEqual(made);
  }, 60_000);
});

describeWith(['go', 'gcc'], 'code for the Go SDK', () => {
  it(
    'makes the same requests',
    async () => {
      await using emulator = await startEmulator({ buckets: ['examplebucket'] });
      await makeRequests(emulator);
      const made = answered(emulator);
      const copied = await copiedCode(emulator, 'Go');
      expect(copied).toHaveLength(made.length);
      const folder = await folderWithBody();
      for (const file of ['go.mod', 'go.sum']) await cp(join(GO_MODULE, file), join(folder, file));
      await writeFile(join(folder, 'main.go'), goProgram(copied));
      await controlOf(emulator)('putChannel', '/channels/examplebucket/test-channel', {});
      await run('go', ['run', '.'], { cwd: folder, env: { ...process.env, GOFLAGS: '-mod=mod' } });
      expect(operationsSince(emulator, made.length)).toEqual(made);
    },
    INSTALL_TIMEOUT_MS,
  );
});

/** A function for each piece of code. It panics with the error of the call. */
function goProgram(copied: readonly Copied[]): string {
  const functions = copied.map(({ code }, index) => {
    const uses = code.includes('result, err :=') ? '\t_ = result\n' : '';
    const client = code.includes('bucket, err :=') || code.includes('client.') ? '' : '\t_ = client\n';
    return `func call${index}() {\n${code}\n${uses}${client}\tcheck(err)\n}`;
  });
  return `package main

import "github.com/aliyun/aliyun-oss-go-sdk/oss"

func check(err error) {
\tif err != nil {
\t\tpanic(err)
\t}
}

${functions.join('\n\n')}

func main() {
${copied.map((_, index) => `\tcall${index}()`).join('\n')}
}
`;
}
