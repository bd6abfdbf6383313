import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';

/** What people call this node; its id is another one at each start. */
export function nodeName({ nodeName: name }: Config): string {
  return name ?? hostname();
}
