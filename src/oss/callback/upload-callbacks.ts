import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { type Attempt, Deliverer } from '../../base/deliverer.ts';
import { parseJson } from '../../base/encoded-json.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { OutgoingAnswer, OutgoingRequest, SendOutgoing } from '../../http/outgoing.ts';
import { callbackRequest } from './callback-request.ts';
import type { CallbackSettings } from './callback-settings.ts';
import type { UploadedObject } from './uploaded-object.ts';

/** Of one URL (Callback page). */
const TIMEOUT_MS = 5_000;
/** Of an answer (Callback page). */
const MAX_ANSWER_BYTES = 3 * 1024 * 1024;
/** Further uploads are told that there are too many. */
const MAX_PENDING = 256;

export interface UploadCallbacksDeps {
  /** The real time, because receivers do not follow the emulator's clock. */
  readonly clock: Clock;
  readonly log: Log;
  readonly ownerId: string;
  readonly privateKeyPem: () => Promise<string>;
  readonly send: SendOutgoing;
}

/** Calls the servers that uploads name, once each, and gives back what they answer. */
export class UploadCallbacks {
  readonly #deps: UploadCallbacksDeps;
  #deliverer: Deliverer;
  #privateKey: Promise<KeyObject> | undefined;

  constructor(deps: UploadCallbacksDeps) {
    this.#deps = deps;
    this.#deliverer = createDeliverer(deps.clock);
  }

  /**
   * Resolves to the JSON document that the first server answers which succeeds.
   *
   * @param publicKeyUrl where receivers find the key that verifies the signature
   * @throws OssError CallbackFailed
   */
  async call(settings: CallbackSettings, uploaded: UploadedObject, publicKeyUrl: string): Promise<Buffer> {
    const { clock, ownerId, privateKeyPem, send } = this.#deps;
    // Kept, because reading it takes longer than signing.
    this.#privateKey ??= privateKeyPem().then(createPrivateKey);
    const sender = { privateKey: await this.#privateKey, publicKeyUrl, ownerId, nowMs: clock.now() };
    const { urls } = settings;
    let failure = callbackFailed('OSS can not connect to your callbackUrl, please check it.');
    let body: Buffer | undefined;
    let next = 0;
    const attempt = async (signal: AbortSignal): Promise<Attempt> => {
      const url = urls[next++];
      if (!url) throw new RangeError('there is no further URL');
      const request = await callbackRequest(url, settings, uploaded, sender);
      try {
        body = await callOnce(request, signal, send);
        return { delivered: true, answer: '200' };
      } catch (error) {
        if (!(error instanceof OssError)) throw error;
        failure = error;
        return { delivered: false, answer: error.message };
      } finally {
        this.#report(request, uploaded, body === undefined ? failure.reason : undefined);
      }
    };
    const ended = this.#deliverer.deliver({
      attempt,
      retryDelayMs: () => (next < urls.length ? 0 : undefined),
      onRetry: () => undefined,
    });
    if (!ended) throw callbackFailed('Too many callback requests.');
    const outcome = await ended;
    if (!outcome) throw callbackFailed('The emulator ended the callback.');
    if (body === undefined) throw failure;
    return body;
  }

  /** Ends the calls under way; their uploads are told that the callback failed. */
  clear(): Promise<void> {
    const former = this.#deliverer;
    this.#deliverer = createDeliverer(this.#deps.clock);
    return former.stop();
  }

  /** Ends the calls under way and makes no others. */
  close(): Promise<void> {
    return this.#deliverer.stop();
  }

  #report({ url }: OutgoingRequest, { requestId, bucket, object }: UploadedObject, reason: string | undefined): void {
    const fields = { id: requestId, bucket, key: object, url: `${url.origin}${url.pathname}` };
    if (reason === undefined) this.#deps.log.info('upload-callback.delivered', fields);
    else this.#deps.log.warn('upload-callback.failed', { ...fields, reason });
  }
}

function createDeliverer(clock: Clock): Deliverer {
  return new Deliverer({ clock, timeoutMs: TIMEOUT_MS, maxPending: MAX_PENDING });
}

async function callOnce(request: OutgoingRequest, signal: AbortSignal, send: SendOutgoing): Promise<Buffer> {
  let answer: OutgoingAnswer;
  try {
    answer = await send(request, signal, MAX_ANSWER_BYTES);
  } catch (error) {
    if (signal.aborted) throw callbackFailed('Cost too long time.', '0007-00000202');
    const message = 'Error status : -1.OSS can not connect to your callbackUrl, please check it.';
    throw new OssError('CallbackFailed', message, { reason: errorText(error) });
  }
  const { status, headers, body, isCut } = answer;
  if (status !== 200) throw callbackFailed(`Error status : ${status}.`);
  // Without a length, or with more bytes than allowed ("Errors returned with HTTP status code 203" page).
  if (isCut || headers['content-length'] === undefined) {
    throw callbackFailed('Error status : 400.User server return too long content-length value.');
  }
  if (parseJson(body.toString()) === undefined) {
    throw callbackFailed('Response body is not valid json format.', '0007-00000205');
  }
  return body;
}

function callbackFailed(message: string, ec?: string): OssError {
  return new OssError('CallbackFailed', message, { reason: message, ...(ec !== undefined && { ec }) });
}
