import { RpcError } from '../../aliyun/rpc-error.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import { documented, fields, optional, text } from '../../base/schema.ts';
import type { ViewOf } from '../control/view-fields.ts';

/** The document of a refused call. */
export const refusal = fields({
  error: text,
  code: documented(optional(text), 'The code of the service, where its rules refuse the call.'),
  argument: documented(optional(text), 'What the rule is about, as the service calls it.'),
});

export type RefusedCall = ViewOf<typeof refusal>;

/** Codes that say in their name which parameter of a call of ApsaraVideo Live they are about. */
const ARGUMENT_IN_CODE = /^(?:Missing|Invalid)([A-Z]\w*?)(?:\.(?:Malformed|Mismatch|NotFound))?$/;

export function refusalOf(error: unknown): RefusedCall {
  if (error instanceof RpcError) return rpcRefusal(error);
  if (!(error instanceof OssError)) return { error: errorText(error) };
  const argument = error.code === 'InvalidChannelName' ? 'ChannelName' : error.details.ArgumentName;
  const { advice } = error;
  const text = advice === undefined ? error.message : `${error.message} ${advice}`;
  return { error: text, code: error.code, ...(argument !== undefined && { argument }) };
}

/** The text that belongs to a code often says no more than the code does. */
function rpcRefusal({ code, message, reason }: RpcError): RefusedCall {
  const [, argument] = ARGUMENT_IN_CODE.exec(code) ?? [];
  const [, named] = /^([A-Z]\w+) must /.exec(reason ?? '') ?? [];
  const about = named ?? (argument === 'Params' ? undefined : argument);
  const why = reason === undefined ? message : `${message.replace(/\.$/, '')}: ${reason}.`;
  return { error: why, code, ...(about !== undefined && { argument: about }) };
}
