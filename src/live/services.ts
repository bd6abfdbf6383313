import type { Clock } from '../clock.ts';
import type { Domains } from './domains.ts';
import type { StreamService } from './streams.ts';

/** What the operations work with. */
export interface LiveServices {
  readonly clock: Clock;
  readonly domains: Domains;
  readonly streams: StreamService;
}
