import type { ConfigFields } from './config-fields.ts';

/** Of an emulator that a test starts: several may run at once, and none disturbs the one that people work with. */
export const BESIDE_OTHERS: ConfigFields = { memory: true, port: 0, rtmpPort: 'off', webrtcPort: 0 };
