/** The calls of the control API that may take long, and tell how far they are. */
import type { Progress } from '../base/progress.ts';
import type { Api } from '../control-plane/admin/control-api.ts';
import type { ProgressLine } from '../control-plane/admin/progress-lines.ts';
import type { AnswerOf, InputOf } from '../control-plane/admin/route.ts';
import type { EXPORT_TYPE } from '../control-plane/export-file/export-format.ts';
import { documentIn, type InputTo, parsedObject, withParams } from './api-client.ts';
import { CallFailed } from './call-failed.ts';
import { type Contact, CutOff, LIMITS, type Limit } from './contact.ts';
import type { Send } from './send.ts';

export const LONG_CALLS = {
  seed: 'POST /seed',
  reset: 'POST /reset',
  import: 'POST /import',
  vod: 'POST /channels/:bucket/:channel/vod',
} as const satisfies Partial<Record<keyof Api, string>>;

type LongCall = keyof typeof LONG_CALLS;

/** The body may also be JSON that somebody has typed, or a file. */
type LongInput<Name extends LongCall> = Omit<InputTo<Api[Name]>, 'body'> & {
  readonly body: InputOf<Api[Name]>['body'] | string | Blob;
};

/** A line of an answer; the last one has the answer of the call. */
type LineOf<Answer> = Exclude<ProgressLine, { result: unknown }> | { readonly result: Answer };

export interface LongApi {
  /**
   * @param onProgress called again and again until the answer is there
   * @throws CallFailed when the emulator refuses the call or does not answer
   */
  call<Name extends LongCall>(
    name: Name,
    input: LongInput<Name>,
    onProgress: (progress: Progress) => void,
  ): Promise<AnswerOf<Api[Name]>>;
  /**
   * The file of an export.
   * @param onBytes called with what has come so far, and with the size if it is known
   * @throws CallFailed when the emulator refuses it, the file does not come to its end, or something else has answered
   */
  download(onBytes: (done: number, total: number | undefined) => void): Promise<Blob>;
}

const EXPORT: typeof EXPORT_TYPE = 'application/x-tar';

const LINES_TYPE = 'application/x-ndjson';

/** @param base of the control API, without a slash at its end */
export function createLongApi(base: string, send: Send, contact: Contact): LongApi {
  return {
    async call(name, { body, ...input }, onProgress) {
      const [method = '', path = ''] = LONG_CALLS[name].split(' ');
      const url = base + withParams(path, 'params' in input ? (input.params ?? {}) : {});
      const sent = typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body);
      const response = await contact.answerOfEmulator(LIMITS.work, (signal) =>
        send(url, { method, body: sent, headers: { accept: LINES_TYPE }, signal }),
      );
      if (!response.headers.get('content-type')?.startsWith(LINES_TYPE))
        return answerIn(response, contact, LIMITS.change);
      const lines = readLines<AnswerOf<Api[typeof name]>>(contact.chunks(LIMITS.work, response));
      for await (const line of lines) {
        if ('progress' in line) onProgress(line.progress);
        else if ('error' in line) throw new CallFailed(line.error);
        else return line.result;
      }
      throw new CutOff(LIMITS.work);
    },
    async download(onBytes) {
      const response = await contact.answerOfEmulator(LIMITS.work, (signal) => send(`${base}/export`, { signal }));
      if (!response.ok) return answerIn(response, contact, LIMITS.question);
      const length = response.headers.get('content-length');
      return readFile(contact.chunks(LIMITS.request, response), length === null ? undefined : Number(length), onBytes);
    },
  };
}

/** Of a call that had nothing to tell on its way, or was refused before it began. */
async function answerIn<Answer>(response: Response, contact: Contact, limit: Limit): Promise<Answer> {
  return documentIn(response, await contact.text(limit, response));
}

async function* readLines<Answer>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LineOf<Answer>> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = parsedObject(line);
      if (!parsed || !('progress' in parsed || 'result' in parsed || typeof parsed.error === 'string')) {
        throw new CutOff(LIMITS.work);
      }
      yield parsed;
    }
  }
}

async function readFile(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  total: number | undefined,
  onBytes: (done: number, total: number | undefined) => void,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    done += chunk.length;
    onBytes(done, total);
  }
  return new Blob(parts, { type: EXPORT });
}
