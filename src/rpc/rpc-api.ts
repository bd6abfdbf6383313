/**
 * RPC calls, from a request to its answer: method -> format -> operation -> signature -> nonce -> permission -> faults ->
 * required parameters -> the operation -> envelope. The service publishes its errors but not the order of its checks;
 * `rpc-authenticate.ts` has those of the signature.
 */

import { randomUUID } from 'node:crypto';
import type { AuthMode } from '../aliyun/auth/mode.ts';
import type { ReadPresent } from '../aliyun/auth/request-time.ts';
import { authenticateRpc } from '../aliyun/auth/rpc-authenticate.ts';
import { MAX_RPC_PARAMETERS } from '../aliyun/auth/rpc-query.ts';
import { isAcs3, type RpcRequest } from '../aliyun/auth/rpc-request.ts';
import type { AccessKey, KeyRing } from '../aliyun/auth/signed-request.ts';
import { httpOrigin, type UrlBase } from '../aliyun/endpoint.ts';
import { commonConditionValue } from '../aliyun/policy/condition-values.ts';
import { RpcError } from '../aliyun/rpc-error.ts';
import { type Clock, startStopwatch } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { HIDDEN, redact } from '../base/redact.ts';
import type { Events } from '../events/events.ts';
import type { BodyShape } from '../http/observer.ts';
import { OWN_PREFIX } from '../http/own-path.ts';
import { isStoreAway, logFailedRequest, machineFault } from '../storage/machine-fault.ts';
import { type Format, isFormat, type RpcAnswer, rpcErrorAnswer, successAnswer, wishedFormat } from './envelope.ts';
import type { Explanations } from './explanations.ts';
import { Nonces } from './nonces.ts';
import { optionalText, type Parameters } from './parameters.ts';
import { authorizeRpc } from './rpc-authorize.ts';
import type { FindRpcFault } from './rpc-faults.ts';
import type { ProductOperation, RpcProduct } from './rpc-product.ts';
import type { SharedNonces } from './shared-nonces.ts';

/** The longest name of an operation of the service has 60 characters. */
const OPERATION_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
/** The path of the URL `Recommend`. */
const EXPLANATION_PATH = `${OWN_PREFIX}/errors`;

export interface RpcApiDeps {
  /** Where nodes share their metadata. */
  readonly sharedNonces?: SharedNonces | undefined;
  /** The first is the one that a call without a version is counted for. */
  readonly products: readonly [RpcProduct, ...RpcProduct[]];
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
  /** Over TLS. */
  readonly isSecure: boolean;
  readonly urls: UrlBase;
  /** Resets the connection. */
  reset(): void;
}

export class RpcApi {
  readonly #deps: RpcApiDeps;
  readonly #nonces: Nonces;

  constructor(deps: RpcApiDeps) {
    this.#deps = deps;
    this.#nonces = new Nonces(deps.clock);
  }

  /** Never rejects: every error becomes an answer. */
  async answer(request: RpcRequest, arrival: Arrival): Promise<RpcAnswer> {
    const { clock, events, log } = this.#deps;
    const passedMs = startStopwatch(clock);
    const requestId = randomUUID().toUpperCase();
    const action = shownAction(actionOf(request));
    // A name that a client made up is no name of an operation: these are a closed set.
    const operation = this.#productOf(request).operations.get(action)?.name;
    const { answer, refusal } = await this.#answer(request, arrival, requestId, action);
    const { status } = answer;
    const durationMs = passedMs();
    const { code, message, reason } = refusal ?? {};
    log.info('rpc', { id: requestId, op: action, status, code, ms: durationMs, reason });
    events.emit({
      type: 'request.answered',
      api: this.#productOf(request).name,
      requestId,
      remoteAddr: arrival.remoteAddr,
      method: request.method,
      // No other parameter is shown: some are signatures, some are in a form body.
      target: `/?Action=${encodeURIComponent(action)}`,
      ...(operation !== undefined && { operation }),
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
      checkCount(request);
      const format = readFormat(request);
      const operation = this.#findOperation(request, action);
      const caller = await this.#authenticate(request, requestId);
      const { name: product } = this.#productOf(request);
      if (caller) authorizeRpc({ product, action, caller, value: this.#conditionValues(request, arrival, caller) });
      const { parameters } = request;
      const fault = this.#deps.findFault?.({ operation: action, ...placeOf(parameters) });
      shape = fault?.shape;
      await fault?.strike(arrival.reset);
      const content = await operation.run({ parameters, urls: arrival.urls, caller });
      return { answer: { ...successAnswer(format, action, requestId, content), shape } };
    } catch (error) {
      const refusal = this.#refusalOf(error, requestId);
      const { code, message, reason = '' } = refusal;
      this.#deps.explanations.remember(requestId, {
        code,
        message: redact(message),
        reason: redact(reason),
        operation: action,
      });
      const recommend = `${httpOrigin(arrival.urls)}${EXPLANATION_PATH}?code=${code}&requestId=${requestId}`;
      const answer = rpcErrorAnswer(wishedFormat(request), refusal, requestId, arrival.host, recommend);
      return { refusal, answer: { ...answer, shape } };
    }
  }

  /** The product of the version that the call names; the first one when it names none that is served. */
  #productOf(request: RpcRequest): RpcProduct {
    const { products } = this.#deps;
    const version = versionOf(request);
    return products.find((product) => product.version === version) ?? products[0];
  }

  #findOperation(request: RpcRequest, action: string): ProductOperation {
    if (action === '') throw new RpcError('MissingAction', { reason: 'the call names no operation' });
    const product = this.#productOf(request);
    const version = versionOf(request);
    const served = this.#deps.products.map(({ name, version }) => `${version} (product ${name})`).join(', ');
    if (version === '')
      throw new RpcError('MissingVersion', { reason: `the call names no version; served: ${served}` });
    if (version !== product.version)
      throw new RpcError('InvalidVersion', { reason: `"${version}"; served: ${served}` });
    const operation = product.operations.get(action);
    if (operation) return operation;
    const names = [...product.operations.keys()].sort().join(', ');
    throw new RpcError('InvalidAction.NotFound', {
      reason: `the emulator does not serve ${action}; of product ${product.name} it serves ${names}`,
    });
  }

  /**
   * The key that signed the call; undefined when the signature is not checked, or not valid in a mode that permits
   * that.
   * @throws RpcError
   */
  async #authenticate(request: RpcRequest, requestId: string): Promise<AccessKey | undefined> {
    const { authMode, keys, readPresent, log, sharedNonces } = this.#deps;
    if (authMode === 'off') return undefined;
    try {
      const { key, nonce } = authenticateRpc(request, { ...readPresent(placeOf(request.parameters)), keys });
      // After the signature: a request with a wrong signature must not use up the nonce.
      const isNew = this.#nonces.use(key.accessKeyId, nonce);
      if (isNew && (!sharedNonces || (await sharedNonces.use(key.accessKeyId, nonce)))) return key;
      throw new RpcError('SignatureNonceUsed', { reason: `${key.accessKeyId} used the nonce ${nonce} before` });
    } catch (error) {
      if (authMode === 'strict' || !(error instanceof RpcError)) throw error;
      log.warn('auth.let-through', { id: requestId, code: error.code, reason: error.reason });
      return undefined;
    }
  }

  #conditionValues({ headers }: RpcRequest, { remoteAddr, isSecure }: Arrival, { accessKeyId }: AccessKey) {
    const userAgent = headers.get('user-agent');
    const facts = { nowMs: this.#deps.clock.now(), remoteAddr, isSecure, accessKeyId, userAgent };
    return (key: string) => commonConditionValue(key, facts);
  }

  #refusalOf(error: unknown, requestId: string): RpcError {
    if (error instanceof RpcError) return error;
    const reason = machineFault(error);
    logFailedRequest(this.#deps.log, error, { id: requestId });
    const code = isStoreAway(error) ? 'ServiceUnavailable' : 'InternalError';
    return new RpcError(code, { reason: reason ?? 'a bug; the log has its stack' });
  }
}

function checkMethod({ method }: RpcRequest): void {
  if (method === 'GET' || method === 'POST') return;
  throw new RpcError('UnsupportedHTTPMethod', { reason: `${method}; served are GET and POST` });
}

function checkCount({ query, form }: RpcRequest): void {
  if (query.length + form.length <= MAX_RPC_PARAMETERS) return;
  throw new RpcError('InputInvalid', { reason: `the call has more than ${MAX_RPC_PARAMETERS} parameters` });
}

function readFormat(request: RpcRequest): Format {
  const text = request.parameters.get('Format') ?? '';
  if (text === '' || isFormat(text.toUpperCase())) return wishedFormat(request);
  throw new RpcError('InvalidParameter.Format', { reason: `"${text}"; served are JSON and XML` });
}

function actionOf(request: RpcRequest): string {
  return (isAcs3(request) ? request.headers.get('x-acs-action') : request.parameters.get('Action')) ?? '';
}

/** What is no name, parameters that were encoded twice for example, may hold a signature or a token. */
function shownAction(action: string): string {
  if (action === '') return '';
  return OPERATION_NAME.test(action) ? redact(action) : HIDDEN;
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
