import type { Answer } from '../../http/answer.ts';
import type { Permission } from '../access/authorize-access.ts';
import type { BucketCall, Call, Services } from './rest-call.ts';

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';

/**
 * The kind of resource in an address. `channel` is the address of an object, or that of a bucket when the name of the
 * channel is empty, which the operation refuses (InvalidChannelName).
 */
export type Level = 'service' | 'bucket' | 'object' | 'channel';

/**
 * The function of an operation: for the account (the bucket may not exist), or in a bucket that exists. Its refusals
 * are rejections with an OssError.
 */
export type Handler =
  | { readonly scope: 'account'; run(call: Call, services: Services): Promise<Answer> }
  | { readonly scope: 'bucket'; run(call: BucketCall, services: Services): Promise<Answer> };

export interface Operation {
  /** The name in the API reference. */
  readonly name: string;
  readonly method: Method;
  readonly level: Level;
  /**
   * The required query parameters, as in `live&comp=stat`. A parameter with a value must have that value, or that value
   * with options after a comma (`x-oss-process=hls/sign,live_1`).
   */
  readonly select: string;
  /** A required request header. */
  readonly header?: string;
  readonly permission: Permission;
  /** Absent: the emulator knows the operation and answers NotImplemented. */
  readonly handler?: Handler;
}

export interface Selector {
  readonly name: string;
  readonly value: string | undefined;
}

export function selectorsOf(operation: Operation): readonly Selector[] {
  if (operation.select === '') return [];
  return operation.select.split('&').map((pair) => {
    const [name = '', value] = pair.split('=');
    return { name, value };
  });
}

/** `GetObject (hls/sign)` is a form of GetObject. */
export function plainNameOf(operationName: string): string {
  const [plain = operationName] = operationName.split(' ');
  return plain;
}
