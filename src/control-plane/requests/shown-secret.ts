import { type Config, defaultConfig } from '../../config/config.ts';

/**
 * The secret as code that is copied has it. Such code is sent to others, so only the documented one is in it; whoever has
 * chosen another knows it.
 */
export function shownSecret({ accessKeyId, accessKeySecret }: Pick<Config, 'accessKeyId' | 'accessKeySecret'>): string {
  return accessKeySecret === defaultConfig().accessKeySecret ? accessKeySecret : `<secret of ${accessKeyId}>`;
}
