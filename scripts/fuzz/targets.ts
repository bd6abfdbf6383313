/** All code that reads what strangers send. */
import { DOCUMENT_TARGETS } from './document-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { MEDIA_TARGETS } from './media-targets.ts';
import { REQUEST_TARGETS } from './request-targets.ts';
import { SIGNATURE_TARGETS } from './signature-targets.ts';
import { WATCH_TARGETS } from './watch-targets.ts';

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...MEDIA_TARGETS,
  ...WATCH_TARGETS,
  ...REQUEST_TARGETS,
  ...SIGNATURE_TARGETS,
  ...DOCUMENT_TARGETS,
];
