/** An RPC request, and where in it the common parameters are: in query and form, or - signed with ACS3 - in headers. */
import { parseRpcParameters, type RpcParameter } from './rpc-query.ts';

export interface RpcRequest {
  /** Upper-case. */
  readonly method: string;
  readonly query: readonly RpcParameter[];
  /** From a form body; empty for any other body. */
  readonly form: readonly RpcParameter[];
  /** Query and form by name. The first of equal names counts, and the query comes before the form. */
  readonly parameters: ReadonlyMap<string, string>;
  /** By lower-case name, one character per byte. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const FORM_TYPE = 'application/x-www-form-urlencoded';

export function readRpcRequest(
  method: string,
  rawQuery: string,
  headers: ReadonlyMap<string, string>,
  body: Buffer,
): RpcRequest {
  const query = parseRpcParameters(rawQuery);
  const form = isForm(headers) ? parseRpcParameters(body.toString()) : [];
  // Of two entries with the same key, a Map keeps the later one.
  const parameters = new Map([...query, ...form].toReversed().map(({ name, value }) => [name, value]));
  return { method, query, form, parameters, headers, body };
}

export function isForm(headers: ReadonlyMap<string, string>): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith(FORM_TYPE) === true;
}

/**
 * Only the Authorization header decides: pop-core, the Python core and the Tea clients in their "v2" mode send
 * `x-acs-action` and `x-acs-version` with a signature in the query.
 */
export function isAcs3({ headers }: Pick<RpcRequest, 'headers'>): boolean {
  return headers.get('authorization')?.startsWith('ACS3-') === true;
}
