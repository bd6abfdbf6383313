import { localNames } from './programs.ts';

/**
 * With these variables a program resolves every name below localhost and test to this machine, by the resolver it always
 * uses. Go asks the C library only when it is told to.
 */
export async function namesEnvironment(): Promise<NodeJS.ProcessEnv> {
  return { ...process.env, LD_PRELOAD: await localNames(), GODEBUG: 'netdns=cgo' };
}
