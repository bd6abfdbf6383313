import type { ClockSkew, ReadPresent } from '../../aliyun/auth/request-time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Faults } from './faults.ts';

export interface SigningClocks {
  /** The clock of the emulator, which people move. */
  readonly clock: Clock;
  readonly realClock: Clock;
  /** With `either`, a client that signs by the real time is not locked out when the clock of the emulator is moved. */
  readonly skew: ClockSkew;
  readonly faults: Faults;
}

/** The present, for the checks of signatures. A fault rule can make the clock of the emulator the only one for a request. */
export function signingClocks({ clock, realClock, skew, faults }: SigningClocks): ReadPresent {
  return (target) => {
    const nowMs = clock.now();
    if (skew === 'emulated' || faults.find('signature', target)?.effect.emulatedClock) return { nowMs };
    return { nowMs, realMs: realClock.now() };
  };
}
