import type { Answer } from '../../http/answer.ts';
import type { BucketCall, Call, Services } from './rest-call.ts';

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';

/**
 * What an address names. `channel` is an object's address, or a bucket's when the channel's name is empty: that mistake
 * is the operation's to refuse (InvalidChannelName).
 */
export type Level = 'service' | 'bucket' | 'object' | 'channel';

/** What a caller must be allowed to do; ACLs can open the first two to everybody, the others need a key. */
export type Permission = 'read object' | 'write object' | 'list' | 'manage';

/** How an operation is carried out: for the account (its bucket may not exist), or in a bucket that exists. */
export type Handler =
  | { readonly scope: 'account'; run(call: Call, services: Services): Promise<Answer> }
  | { readonly scope: 'bucket'; run(call: BucketCall, services: Services): Promise<Answer> };

export interface Operation {
  /** As the API reference calls it. */
  readonly name: string;
  readonly method: Method;
  readonly level: Level;
  /**
   * Query parameters that must be there, as in `live&comp=stat`. One with a value must have that value, or that value
   * with options behind a comma (`x-oss-process=hls/sign,live_1`).
   */
  readonly select: string;
  /** A request header that must be there. */
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
