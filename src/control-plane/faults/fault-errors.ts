/** The error of a rule, in the form of either API. */
import { isRpcErrorCode, RpcError, type RpcErrorCode } from '../../aliyun/rpc-error.ts';
import { ERROR_STATUS, type ErrorCode, OssError } from '../../base/errors.ts';
import type { Fault } from './fault-rule.ts';

/** The code of an error when the rule gives only its status. */
const OSS_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'InvalidArgument',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

const RPC_CODES: Readonly<Record<number, RpcErrorCode>> = {
  400: 'InvalidParams',
  403: 'Forbidden.RAM',
  404: 'InvalidDomain.NotFound',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

const MESSAGE = 'A fault rule of the emulator asked for this error.';

/** Whether both APIs have a code for the status. */
export function isNamedStatus(status: number): boolean {
  return status in OSS_CODES && status in RPC_CODES;
}

export function ossErrorOf({ effect, rule }: Fault): OssError | undefined {
  const { status, message = MESSAGE } = effect;
  const code = effect.code ?? (status === undefined ? undefined : OSS_CODES[status]);
  if (code === undefined || !isOssErrorCode(code)) return undefined;
  return new OssError(code, message, { ...(status !== undefined && { status }), reason: reasonOf(rule) });
}

export function rpcErrorOf({ effect, rule }: Fault): RpcError | undefined {
  const { status, message } = effect;
  const code = effect.code ?? (status === undefined ? undefined : RPC_CODES[status]);
  const reason = reasonOf(rule);
  if (code !== undefined && isRpcErrorCode(code)) {
    return new RpcError(code, { ...(status !== undefined && { status }), ...(message && { message }), reason });
  }
  if (code === undefined || status === undefined) return undefined;
  return new RpcError(code, { status, message: message ?? MESSAGE, reason });
}

function reasonOf(rule: string): string {
  return `fault rule ${rule}`;
}

function isOssErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_STATUS, code);
}
