import type { LeftOut } from './suite.ts';

export const OSS2_LEFT_OUT: readonly LeftOut[] = [];
