/** Files to objects. The browser reads each file while it sends it, so none has to fit into memory. */
import type { ControlApi } from '../api-client.ts';
import { CallFailed } from '../call-failed.ts';
import { AnsweredByOther, type Contact, isOfEmulator, LIMITS } from '../contact.ts';
import { fileSize } from '../format.ts';
import type { Step } from './batch.ts';
import type { FoundFile } from './found-files.ts';
import { refusalOf } from './rest.ts';

/** Of one PutObject: "PutObject" page. */
const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** Of files for which the system of the user names no type. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  ts: 'video/mp2t',
  flv: 'video/x-flv',
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
  vtt: 'text/vtt',
};

export interface UploadTarget {
  readonly bucket: string;
  /** Before the path of every file. */
  readonly folder: string;
  /** Objects of the same name are replaced; otherwise they stay, and the file is refused. */
  readonly replaces: boolean;
}

export interface UploadDeps {
  readonly api: ControlApi;
  readonly contact: Contact;
}

export async function* uploadSteps(
  files: AsyncIterable<FoundFile>,
  target: UploadTarget,
  { api, contact }: UploadDeps,
): AsyncGenerator<Step> {
  for await (const { path, file, problem } of files) {
    const refusal = file ? sizeProblem(file.size) : problem;
    yield {
      name: path,
      sizeBytes: file?.size ?? 0,
      ...(refusal !== undefined && { problem: refusal }),
      act: async (signal, onBytes) => {
        if (file) await putFile(file, { key: target.folder + path, ...target }, api, { signal, onBytes, contact });
      },
    };
  }
}

/** Undefined when it can be sent. */
function sizeProblem(sizeBytes: number): string | undefined {
  if (sizeBytes <= MAX_FILE_BYTES) return undefined;
  return `It is larger than ${fileSize(MAX_FILE_BYTES)}, the most that PutObject takes; upload it in parts, with an SDK.`;
}

interface SendOptions extends Pick<UploadDeps, 'contact'> {
  readonly signal: AbortSignal;
  readonly onBytes: (sent: number) => void;
}

async function putFile(
  file: File,
  { bucket, key, replaces }: UploadTarget & { readonly key: string },
  api: ControlApi,
  options: SendOptions,
): Promise<void> {
  const headers = {
    'content-type': file.type || typeByName(file.name),
    ...(!replaces && { 'x-oss-forbid-overwrite': 'true' }),
  };
  const { path } = await api('presign', { body: { method: 'PUT', bucket, key, headers } });
  await sendFile(path, file, headers, options);
}

/**
 * The emulator stores the object when it has all of it, which takes as long as the store behind it needs.
 * @throws CallFailed
 */
function sendFile(
  path: string,
  file: File,
  headers: Readonly<Record<string, string>>,
  { contact, signal, onBytes }: SendOptions,
): Promise<void> {
  return contact.within(LIMITS.work, (waiting) =>
    sendWhole(path, file, headers, {
      signal: AbortSignal.any([signal, waiting.signal]),
      onBytes(sent) {
        waiting.moved();
        onBytes(sent);
      },
    }),
  );
}

/**
 * `fetch` tells nothing of what it has sent.
 * @throws CallFailed
 */
function sendWhole(
  path: string,
  file: File,
  headers: Readonly<Record<string, string>>,
  { signal, onBytes }: Omit<SendOptions, 'contact'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener('abort', abort);
    request.upload.onprogress = ({ loaded }) => onBytes(loaded);
    request.onload = () => {
      if (!isOfEmulator({ get: (name) => request.getResponseHeader(name) })) {
        reject(new AnsweredByOther(LIMITS.work, request.status));
      } else if (request.status < 300) resolve();
      else reject(refusalOf(request.status, request.responseText));
    };
    request.onerror = () =>
      reject(
        new CallFailed('The file cannot be read, or the emulator does not answer: it may be stored all the same.'),
      );
    request.onabort = () => reject(new CallFailed('It was cancelled.'));
    request.onloadend = () => signal.removeEventListener('abort', abort);
    request.open('PUT', path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (signal.aborted) reject(new CallFailed('It was cancelled.'));
    else request.send(file);
  });
}

function typeByName(name: string): string {
  return MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}
