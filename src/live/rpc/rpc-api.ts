/**
 * The RPC calls of ApsaraVideo Live, from a request to its answer: method -> format -> operation -> signature -> nonce
 * -> faults -> required parameters -> the operation -> envelope. The service publishes its errors but not the order of
 * its checks; `rpc-authenticate.ts` has those of the signature.
 */

import { randomUUID } from 'node:crypto';
import type { AuthMode } from '../../aliyun/auth/mode.ts';
import type { ReadPresent } from '../../aliyun/auth/request-time.ts';
import { authenticateRpc } from '../../aliyun/auth/rpc-authenticate.ts';
import { isAcs3, type RpcRequest } from '../../aliyun/auth/rpc-request.ts';
import type { AccessKey, KeyRing } from '../../aliyun/auth/signed-request.ts';
import { httpOrigin, type UrlBase } from '../../aliyun/endpoint.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { type Clock, startStopwatch } from '../../base/clock.ts';
import { errorStack } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import type { Events } from '../../events/events.ts';
import type { BodyShape } from '../../http/observer.ts';
import type { LiveServices } from '../services.ts';
import { type Format, type RpcAnswer, rpcErrorAnswer, successAnswer } from './envelope.ts';
import type { Explanations } from './explanations.ts';
import { Nonces } from './nonces.ts';
import { hasParameter, optionalText, type Parameters } from './parameters.ts';
import type { RpcOperation } from './rpc-call.ts';
import type { FindRpcFault } from './rpc-faults.ts';

/** The only version of the product. */
const VERSION = '2016-11-01';

/** The path of the URL `Recommend`. */
const EXPLANATION_PATH = '/_emulator/errors';

export interface LiveApiDeps {
  readonly services: LiveServices;
  readonly operations: readonly RpcOperation[];
  readonly keys: KeyRing;
  readonly authMode: AuthMode;
  readonly explanations: Explanations;
  readonly clock: Clock;
  readonly readPresent: ReadPresent;
  readonly events: Events;
  readonly log: Log;
  /** Called before every operation. */
  readonly findFault?: FindRpcFault | undefined;
}

/** How a request arrived. */
export interface Arrival {
  /** The Host header as received. */
  readonly host: string;
  /** `ip:port` of the caller. */
  readonly remoteAddr: string;
  readonly urls: UrlBase;
  /** Resets the connection. */
  reset(): void;
}

export class LiveApi {
  readonly #deps: LiveApiDeps;
  readonly #operations: ReadonlyMap<string, RpcOperation>;
  readonly #nonces: Nonces;

  constructor(deps: LiveApiDeps) {
    this.#deps = deps;
    this.#operations = new Map(deps.operations.map((operation) => [operation.name, operation]));
    this.#nonces = new Nonces(deps.clock);
  }

  /** Never rejects: every error becomes an answer. */
  async answer(request: RpcRequest, arrival: Arrival): Promise<RpcAnswer> {
    const { clock, events, log } = this.#deps;
    const passedMs = startStopwatch(clock);
    const requestId = randomUUID().toUpperCase();
    const action = actionOf(request);
    const { answer, refusal } = await this.#answer(request, arrival, requestId, action);
    const { status } = answer;
    const durationMs = passedMs();
    const { code, message, reason } = refusal ?? {};
    log.info('rpc', { id: requestId, op: action, status, code, ms: durationMs, reason });
    events.emit({
      type: 'request.answered',
      api: 'live',
      requestId,
      remoteAddr: arrival.remoteAddr,
      method: request.method,
      // No other parameter is shown: some are signatures, some are in a form body.
      target: `/?Action=${encodeURIComponent(action)}`,
      operation: action,
      status,
      durationMs,
      ...(code && message && { refusal: { code, message, ...(reason !== undefined && { reason }) } }),
    });
    return answer;
  }

  async #answer(
    request: RpcRequest,
    arrival: Arrival,
    requestId: string,
    action: string,
  ): Promise<{ answer: RpcAnswer; refusal?: RpcError }> {
    let shape: BodyShape | undefined;
    try {
      checkMethod(request);
      const format = readFormat(request);
      const operation = this.#findOperation(request, action);
      const key = this.#authenticate(request, requestId);
      this.#authorize(operation, key);
      const { parameters } = request;
      const fault = this.#deps.findFault?.({ operation: action, ...placeOf(parameters) });
      shape = fault?.shape;
      await fault?.strike(arrival.reset);
      checkRequired(operation, parameters);
      const content = await operation.run(
        { parameters, urls: arrival.urls, accessKeyId: key?.accessKeyId },
        this.#deps.services,
      );
      return { answer: { ...successAnswer(format, action, requestId, content), shape } };
    } catch (error) {
      const refusal = this.#refusalOf(error, requestId);
      const { code, message, reason = '' } = refusal;
      this.#deps.explanations.remember(requestId, { code, message, reason, operation: action });
      const recommend = `${httpOrigin(arrival.urls)}${EXPLANATION_PATH}?code=${code}&requestId=${requestId}`;
      const answer = rpcErrorAnswer(wishedFormat(request), refusal, requestId, arrival.host, recommend);
      return { refusal, answer: { ...answer, shape } };
    }
  }

  #findOperation(request: RpcRequest, action: string): RpcOperation {
    if (action === '') throw new RpcError('MissingAction', { reason: 'the call names no operation' });
    const version = versionOf(request);
    if (version === '') throw new RpcError('MissingVersion', { reason: `the call names no version; it is ${VERSION}` });
    if (version !== VERSION) {
      throw new RpcError('InvalidVersion', { reason: `"${version}"; product live has ${VERSION} only` });
    }
    const operation = this.#operations.get(action);
    if (operation) return operation;
    const served = [...this.#operations.keys()].sort().join(', ');
    throw new RpcError('InvalidAction.NotFound', {
      reason: `the emulator does not serve ${action}; it serves ${served}`,
    });
  }

  /**
   * The key that signed the call; undefined when the signature is not checked, or not valid in a mode that permits
   * that.
   * @throws RpcError
   */
  #authenticate(request: RpcRequest, requestId: string): AccessKey | undefined {
    const { authMode, keys, readPresent, log } = this.#deps;
    if (authMode === 'off') return undefined;
    try {
      const { key, nonce } = authenticateRpc(request, { ...readPresent(placeOf(request.parameters)), keys });
      // After the signature: a request with a wrong signature must not use up the nonce.
      if (this.#nonces.use(key.accessKeyId, nonce)) return key;
      throw new RpcError('SignatureNonceUsed', { reason: `${key.accessKeyId} used the nonce ${nonce} before` });
    } catch (error) {
      if (authMode === 'strict' || !(error instanceof RpcError)) throw error;
      log.warn('auth.let-through', { id: requestId, code: error.code, reason: error.reason });
      return undefined;
    }
  }

  #authorize({ name }: RpcOperation, key: AccessKey | undefined): void {
    if (!key?.readOnly || name.startsWith('Describe') || name.startsWith('List')) return;
    throw new RpcError('Forbidden.RAM', { reason: `access key ${key.accessKeyId} is configured as read-only` });
  }

  #refusalOf(error: unknown, requestId: string): RpcError {
    if (error instanceof RpcError) return error;
    const stack = errorStack(error);
    this.#deps.log.error('bug', { id: requestId, stack });
    return new RpcError('InternalError', { reason: 'a bug; the log has its stack' });
  }
}

function checkMethod({ method }: RpcRequest): void {
  if (method === 'GET' || method === 'POST') return;
  throw new RpcError('UnsupportedHTTPMethod', { reason: `${method}; served are GET and POST` });
}

function readFormat(request: RpcRequest): Format {
  const text = request.parameters.get('Format') ?? '';
  if (text === '' || isFormat(text.toUpperCase())) return wishedFormat(request);
  throw new RpcError('InvalidParameter.Format', { reason: `"${text}"; served are JSON and XML` });
}

/** The pages name different defaults of the format; clients that sign headers expect JSON. */
function wishedFormat(request: RpcRequest): Format {
  const text = request.parameters.get('Format')?.toUpperCase() ?? '';
  if (isFormat(text)) return text;
  return isAcs3(request) || request.headers.get('accept')?.includes('json') ? 'JSON' : 'XML';
}

function isFormat(text: string): text is Format {
  return text === 'JSON' || text === 'XML';
}

function actionOf(request: RpcRequest): string {
  return (isAcs3(request) ? request.headers.get('x-acs-action') : request.parameters.get('Action')) ?? '';
}

function versionOf(request: RpcRequest): string {
  return (isAcs3(request) ? request.headers.get('x-acs-version') : request.parameters.get('Version')) ?? '';
}

/** The fields that a fault rule can match. */
function placeOf(parameters: Parameters): { readonly app?: string; readonly stream?: string } {
  const app = optionalText(parameters, 'AppName');
  const stream = optionalText(parameters, 'StreamName');
  return { ...(app !== undefined && { app }), ...(stream !== undefined && { stream }) };
}

function checkRequired({ name, required }: RpcOperation, parameters: Parameters): void {
  const missing = required.find((parameter) => !hasParameter(parameters, parameter));
  if (missing === undefined) return;
  throw new RpcError(`Missing${missing}`, { reason: `${name} requires ${required.join(', ')}` });
}
