import { isIP } from 'node:net';
import { clientAuthority } from '../aliyun/endpoint.ts';
import type { Config } from '../config/config.ts';

/**
 * Where other nodes reach this one. Undefined where it listens on several addresses: nobody knows which of them the others
 * reach. Of loopback only nodes on the same machine do; others find there something that is not this node, and notice that.
 */
export function nodeUrl({ nodeUrl: url, host }: Pick<Config, 'nodeUrl' | 'host'>, port: number): string | undefined {
  if (url !== undefined) return url;
  const isOneAddress = isIP(host) !== 0 && host !== '0.0.0.0' && host !== '::';
  return host === 'localhost' || isOneAddress ? `http://${clientAuthority(host, port)}` : undefined;
}
