import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  type ChannelInfo,
  type ChannelPage,
  type ChannelStat,
  type ChannelUrls,
  type ClientOptions,
  type LiveRecord,
  type SdkClient,
  SdkError,
} from './client.ts';
import { BUCKET } from './matrix.ts';
import { namesEnvironment } from './names.ts';

/** A program that gives one client library the interface `SdkClient`. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** The interface `SdkClient`, and the steps that only this program has. */
export interface ProgramClient extends SdkClient {
  step(name: string, args?: object): Promise<unknown>;
}

/**
 * Starts the program and exchanges lines of JSON with it. It begins with `{client, version}`; then each `{step, args}`
 * it reads is one call of the library, answered with `{step, ok, detail}`.
 */
export async function startProgram(program: Program, options: ClientOptions): Promise<ProgramClient> {
  const flags = { ...options, bucket: BUCKET, key: 'emulator-ak', secret: 'emulator-secret', region: 'cn-hangzhou' };
  const args = [...program.args, ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])];
  const child = spawn(program.command, args, { env: await namesEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] });
  const conversation = new Conversation(child);
  const { version } = await conversation.nextLine();
  return adapt(version, conversation);
}

/** Every request has exactly one answer, so lines need no numbers. */
class Conversation {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  constructor(child: ChildProcess) {
    if (!child.stdin || !child.stdout || !child.stderr) throw new Error('the program has no streams to speak through');
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    // A request to a program that has ended; its missing answer is reported with the reason.
    child.stdin.on('error', (error) => {
      this.#stderr += error.message;
    });
    this.#exited = new Promise((resolve) => {
      child.on('close', () => resolve());
      child.on('error', (error) => {
        this.#stderr += error.message;
        resolve();
      });
    });
  }

  async nextLine() {
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value);
    await this.#exited;
    throw new Error(`the program ended early: ${this.#stderr}`);
  }

  async step(step: string, args: object = {}) {
    this.#child.stdin?.write(`${JSON.stringify({ step, args })}\n`);
    const { ok, detail } = await this.nextLine();
    if (ok) return detail;
    throw new SdkError(detail.message, detail);
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }
}

function adapt(version: string, conversation: Conversation): ProgramClient {
  const step = (name: string, args?: object) => conversation.step(name, args);
  return {
    version,
    step,
    putBucket: (acl) => step('putBucket', { acl }),
    deleteBucket: () => step('deleteBucket'),
    create: (channel, settings): Promise<ChannelUrls> => step('create', { channel, ...settings }),
    info: (channel): Promise<ChannelInfo> => step('info', { channel }),
    setStatus: (channel, status) => step('setStatus', { channel, status }),
    stat: (channel): Promise<ChannelStat> => step('stat', { channel }),
    history: (channel): Promise<readonly LiveRecord[]> => step('history', { channel }),
    list: (query): Promise<ChannelPage> => step('list', query),
    names: (prefix, pageSize): Promise<readonly string[]> => step('names', { prefix, maxKeys: pageSize }),
    postVod: (channel, playlistName, startSec, endSec) => step('postVod', { channel, playlistName, startSec, endSec }),
    getVod: (channel, startSec, endSec): Promise<string> => step('getVod', { channel, startSec, endSec }),
    delete: (channel) => step('delete', { channel }),
    signRtmpUrl: (channel, playlistName, expiresSec): Promise<string> =>
      step('signRtmpUrl', { channel, playlistName, expiresSec }),
    stop: () => conversation.stop(),
  };
}
