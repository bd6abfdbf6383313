import { CallFailed } from '../call-failed.ts';

/** REST has refused a request; the message is shown to the user. */
export class RestRefused extends CallFailed {
  /** `NoSuchKey`; the status where the answer names none. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message === '' ? code : `${code}: ${message}`);
    this.code = code;
  }
}
