/** An RPC request, and where in it the common parameters are: in query and form, or - signed with ACS3 - in headers. */
import { parseRpcParameters, type RpcParameter } from './rpc-query.ts';

export interface RpcRequest {
  /** Upper-case. */
  readonly method: string;
  readonly query: readonly RpcParameter[];
  /** Of a form body; empty for any other. */
  readonly form: readonly RpcParameter[];
  /** Both by name. Of a name in both, and of a repeated one, the first: the query outweighs the form. */
  readonly parameters: ReadonlyMap<string, string>;
  /** By lower-case name, one character per byte. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export const FORM_TYPE = 'application/x-www-form-urlencoded';

export function readRpcRequest(
  method: string,
  rawQuery: string,
  headers: ReadonlyMap<string, string>,
  body: Buffer,
): RpcRequest {
  const query = parseRpcParameters(rawQuery);
  const form = isForm(headers) ? parseRpcParameters(body.toString()) : [];
  // Of two entries with one key, a Map keeps the later.
  const parameters = new Map([...query, ...form].toReversed().map(({ name, value }) => [name, value]));
  return { method, query, form, parameters, headers, body };
}

export function isForm(headers: ReadonlyMap<string, string>): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith(FORM_TYPE) === true;
}

/**
 * Only the Authorization header tells: pop-core, the Python core and the Tea clients in their "v2" mode send
 * `x-acs-action` and `x-acs-version` with a signature in the query.
 */
export function isAcs3({ headers }: Pick<RpcRequest, 'headers'>): boolean {
  return headers.get('authorization')?.startsWith('ACS3-') === true;
}
