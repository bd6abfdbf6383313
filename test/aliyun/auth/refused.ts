import { OssError } from '../../../src/base/errors.ts';

/** The OssError that the call throws. Fails when it throws another error or none. */
export function refused(call: () => unknown): OssError {
  try {
    call();
  } catch (error) {
    if (error instanceof OssError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
