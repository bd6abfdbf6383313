import type { LeftOut } from './suite.ts';

export const GO_SDK_LEFT_OUT: readonly LeftOut[] = [];
