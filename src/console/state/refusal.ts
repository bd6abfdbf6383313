import { useState } from 'preact/hooks';
import { CallFailed } from '../call-failed.ts';

export interface Refusals {
  /** Why the last attempt was refused, if the reason is about that field. */
  readonly of: (argument: string) => string | undefined;
  /** The reason, if it is about none of the fields. */
  readonly rest: string | undefined;
  /** Does something. Resolves to whether the emulator has done it; the reason of a refusal is kept until the next attempt. */
  readonly attempt: (action: () => Promise<unknown>) => Promise<boolean>;
  readonly clear: () => void;
}

/** The refusals of a form, for showing each beside its field. @param fields of the form, as the service calls them */
export function useRefusals(fields: readonly string[]): Refusals {
  const [failed, setFailed] = useState<CallFailed>();
  const isAboutField = failed?.argument !== undefined && fields.includes(failed.argument);
  return {
    of: (argument) => (failed?.argument === argument ? failed.message : undefined),
    rest: isAboutField ? undefined : failed?.message,
    clear: () => setFailed(undefined),
    async attempt(action) {
      try {
        await action();
        setFailed(undefined);
        return true;
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        setFailed(error);
        return false;
      }
    },
  };
}
