import { RpcError } from '../../aliyun/rpc-error.ts';
import { type Parameters, requiredText, requiredTime } from '../../rpc/parameters.ts';
import type { StreamName } from '../recordings/index-files.ts';
import type { Domains } from './domains.ts';

/**
 * The stream a call is about.
 * @throws RpcError InvalidDomain.NotFound
 */
export function readStreamName(parameters: Parameters, { domains }: { readonly domains: Domains }): StreamName {
  return {
    domain: domains.check(requiredText(parameters, 'DomainName')),
    app: requiredText(parameters, 'AppName'),
    stream: requiredText(parameters, 'StreamName'),
  };
}

/** @throws RpcError InvalidStartTime.Malformed, InvalidEndTime.Malformed, InvalidEndTime.Mismatch */
export function readPeriod(
  parameters: Parameters,
  maxDays = Number.POSITIVE_INFINITY,
): { readonly startMs: number; readonly endMs: number } {
  const startMs = requiredTime(parameters, 'StartTime', 'InvalidStartTime.Malformed');
  const endMs = requiredTime(parameters, 'EndTime', 'InvalidEndTime.Malformed');
  const days = (endMs - startMs) / 86_400_000;
  if (days > 0 && days <= maxDays) return { startMs, endMs };
  throw new RpcError('InvalidEndTime.Mismatch', {
    reason: days > maxDays ? `the period is longer than ${maxDays} days` : 'EndTime is not after StartTime',
  });
}
