import { GO_SDK_SUITE } from './go-sdk-suite.ts';
import { OSS2_SUITE } from './oss2-suite.ts';
import type { SdkSuite } from './suite.ts';

export const SUITES: readonly SdkSuite[] = [OSS2_SUITE, GO_SDK_SUITE];
