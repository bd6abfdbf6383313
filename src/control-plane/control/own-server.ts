import { clientHost } from '../../aliyun/endpoint.ts';
import type { Config } from '../../config/config.ts';
import { networkList } from '../../net/network-list.ts';
import { LOCAL_PROXY_HEADER } from '../../net/proxy-header.ts';
import type { Server } from '../publisher/clip-push.ts';

/** How this machine connects to a port of an emulator with these options. */
export function ownServer(config: Pick<Config, 'host' | 'proxyProtocol'>, port: number): Server {
  const host = clientHost(config.host);
  // Where this machine is one of the proxies, its own connections need a header, too.
  const isProxy = networkList(config.proxyProtocol.flat());
  return { host, port, preface: isProxy?.(host) ? LOCAL_PROXY_HEADER : undefined };
}
