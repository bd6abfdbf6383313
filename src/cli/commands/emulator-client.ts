import type { ReadableStream } from 'node:stream/web';
import { parseJson } from '../../base/encoded-json.ts';
import { causeText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { linesOf } from '../../base/lines.ts';
import type { Progress } from '../../base/progress.ts';
import { mayHaveSecret, redact } from '../../base/redact.ts';
import { readFields } from '../../base/schema.ts';
import { API, type Api } from '../../control-plane/admin/control-api.ts';
import { LINES_TYPE, progressLine } from '../../control-plane/admin/progress-lines.ts';
import type { AnswerOf, Route } from '../../control-plane/admin/route.ts';
import { readConfig } from '../command-line.ts';
import { fetchPatiently, isClosed, presenceAt, SilentServer } from './answers.ts';
import { type CommandContext, type CommandOption, flagValue } from './command.ts';
import { shownProgress } from './progress-bar.ts';

export const URL_OPTION: CommandOption = {
  flag: 'url',
  argument: 'URL',
  help: 'The emulator [OSS_LIVECHANNEL_URL, or the port that is configured here]',
};

const DEFAULT_URL = 'http://127.0.0.1:9000';

/** No emulator answers at the URL. */
export class NoEmulator extends Error {}

/** The emulator refused the call, or the push cannot begin; the message is the reason. */
export class Refused extends Error {
  /** Of the answer, if it was one. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface CallOptions {
  /** Of the route, with its parameters and its query, if it has some. */
  readonly path?: string;
  /** Instead of a body of JSON. */
  readonly upload?: ReadableStream<Uint8Array>;
  readonly signal?: AbortSignal;
  /** What a person is to know when the emulator ends before it has answered, as a part of the sentence. */
  readonly whenGone?: string;
}

/** @throws UsageError when `--url` is not a URL */
function emulatorUrl(context: CommandContext): string {
  const url = flagValue(context, 'url') ?? (context.environment.OSS_LIVECHANNEL_URL || configuredUrl(context));
  if (!URL.canParse(url)) {
    throw new UsageError(`--url must be a URL like ${DEFAULT_URL}${mayHaveSecret(url) ? '' : `, not "${url}"`}.`);
  }
  return url.replace(/\/$/, '');
}

/** Of the emulator that a start in this folder starts. */
function configuredUrl({ environment, folder }: CommandContext): string {
  const { port } = readConfig({ flags: new Map(), environment, folder }).config;
  return port === 0 ? DEFAULT_URL : `http://127.0.0.1:${port}`;
}

/**
 * One call of the control API. In a terminal a bar shows how far long work is.
 * @throws NoEmulator when no emulator answers at the URL
 * @throws Refused when the emulator refuses the call
 */
export async function call<Name extends keyof Api>(
  context: CommandContext,
  name: Name,
  body?: unknown,
  options: CallOptions = {},
): Promise<AnswerOf<Api[Name]>> {
  const response = await send(context, name, body, options);
  const gone = (error: unknown) => (options.signal?.aborted ? error : goneEmulator(context, error, options));
  if (response.headers.get('content-type')?.startsWith(LINES_TYPE)) {
    return readLines<Name>(context, whole(response.body ?? emptyBody(), gone), options);
  }
  const text = await response.text().catch((error: unknown) => {
    throw gone(error);
  });
  const document = parseJson(text);
  if (document === undefined) throw notEmulator(context);
  if (!response.ok) throw new Refused(reasonOf(document) ?? `${response.status} ${text}`, response.status);
  // The cast: the emulator answers as the table says.
  return document as AnswerOf<Api[Name]>;
}

/**
 * A call whose answer is no JSON; resolves to its body and its length, if that is known.
 * @throws NoEmulator, Refused as `call`
 */
export async function download(
  context: CommandContext,
  name: keyof Api,
): Promise<{ readonly chunks: AsyncIterable<Uint8Array>; readonly sizeBytes: number | undefined }> {
  const response = await send(context, name, undefined, {});
  const { [name]: route }: Readonly<Record<string, Route>> = API;
  const isRight = response.headers.get('content-type')?.startsWith(String(route?.answer)) === true;
  if (!response.ok || !isRight || !response.body) {
    const document = parseJson(await response.text());
    if (document === undefined || response.ok) throw notEmulator(context);
    throw new Refused(reasonOf(document) ?? `${response.status}`, response.status);
  }
  const length = response.headers.get('content-length');
  const brokenOff = async (error: unknown) => {
    const presence = await presenceAt(emulatorUrl(context), context.clock);
    return presence === 'answers' ? error : goneEmulator(context, error, {});
  };
  return { chunks: whole(response.body, brokenOff), sizeBytes: length === null ? undefined : Number(length) };
}

/** Draws while there is a terminal; what is drawn is taken away at the end. */
async function readLines<Name extends keyof Api>(
  context: CommandContext,
  chunks: AsyncIterable<Uint8Array>,
  options: CallOptions,
): Promise<AnswerOf<Api[Name]>> {
  try {
    for await (const lines of linesOf(chunks)) {
      for (const line of lines) {
        const read = readFields(progressLine, parseJson(line), 'The answer');
        if ('progress' in read) context.progress(shownProgress(read.progress));
        if ('error' in read) throw new Refused(read.error, read.status);
        // The cast: as above.
        if ('result' in read) return read.result as AnswerOf<Api[Name]>;
      }
    }
  } finally {
    context.progress('');
  }
  throw goneEmulator(context, 'its answer has no end', options);
}

/** @throws what `explain` makes of the error, when the chunks do not come to their end */
async function* whole(
  chunks: AsyncIterable<Uint8Array>,
  explain: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw await explain(error);
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** Draws how many bytes have come by. */
export async function* withProgress(
  context: CommandContext,
  chunks: AsyncIterable<Uint8Array>,
  total: number | undefined,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  try {
    for await (const chunk of chunks) {
      yield chunk;
      done += chunk.length;
      const progress: Progress = { done, total: total ?? done, unit: 'bytes' };
      context.progress(shownProgress(progress));
    }
  } finally {
    context.progress('');
  }
}

async function send(context: CommandContext, name: keyof Api, body: unknown, options: CallOptions): Promise<Response> {
  const { path = API[name].path, upload, signal } = options;
  const { method, progress }: Route = API[name];
  const request: RequestInit & { duplex?: 'half' } = {
    method,
    ...(progress && { headers: { accept: LINES_TYPE } }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(upload && { body: upload, duplex: 'half' }),
    ...(signal && { signal }),
  };
  const url = emulatorUrl(context);
  try {
    return await fetchPatiently(url, `/_emulator${path}`, request, context.clock);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw await explainNoAnswer(context, url, error, options);
  }
}

async function explainNoAnswer(
  context: CommandContext,
  url: string,
  error: unknown,
  options: CallOptions,
): Promise<NoEmulator> {
  const { origin } = new URL(url);
  const why = redact(causeText(error));
  const silent = `What listens at ${origin} accepts connections and answers nothing: end it, or name the emulator with --url.`;
  if (error instanceof SilentServer) return new NoEmulator(silent);
  const plain = origin.replace(/^https:/, 'http:');
  if (plain !== origin && (await presenceAt(plain, context.clock)) === 'answers') {
    return new NoEmulator(`What listens at ${origin} speaks http, not https: name it as ${plain} with --url.`);
  }
  if (!isClosed(error)) {
    return new NoEmulator(`No emulator answers at ${origin} (${why}); start one, or name it with --url.`);
  }
  switch (await presenceAt(url, context.clock)) {
    case 'absent':
      return goneEmulator(context, error, options);
    case 'silent':
      return new NoEmulator(silent);
    case 'answers':
      return new NoEmulator(
        `The emulator at ${origin} closed the connection without an answer (${why}), and answers again: its log may say why.`,
      );
    case 'closes':
      return new NoEmulator(
        `What listens at ${origin} closed the connection without an answer (${why}). If it is an emulator with --proxy-protocol for this machine, it expects a PROXY header first: leave this machine out of the option, or name another address with --url.`,
      );
  }
}

/** It was there when the call began. */
function goneEmulator(context: CommandContext, error: unknown, { whenGone }: CallOptions): NoEmulator {
  const { origin } = new URL(emulatorUrl(context));
  const consequence = whenGone === undefined ? '' : `; ${whenGone}`;
  return new NoEmulator(
    `The emulator at ${origin} has ended before it had answered (${redact(causeText(error))})${consequence}.`,
  );
}

function notEmulator(context: CommandContext): NoEmulator {
  return new NoEmulator(
    `What answers at ${redact(emulatorUrl(context))} is not this emulator, or it was started with --no-admin.`,
  );
}

function reasonOf(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null || !('error' in document)) return undefined;
  return String(document.error);
}
