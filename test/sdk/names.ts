import { localNames } from './programs.ts';

/**
 * With these variables a program resolves every name below localhost and test to this machine, by the resolver that it
 * always uses. Go uses the C library for this only when a variable says so.
 */
export async function namesEnvironment(): Promise<NodeJS.ProcessEnv> {
  return { ...process.env, LD_PRELOAD: await localNames(), GODEBUG: 'netdns=cgo' };
}
