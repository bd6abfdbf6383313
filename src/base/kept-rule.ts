/** The rules of OSS, which refuse with an error, as parts of a schema. */
import * as v from 'valibot';
import { cutText } from './cut-text.ts';
import { OssError } from './errors.ts';

/** A refusal names what is refused, which may be long. */
const MAX_REFUSAL_CHARS = 200;

/** @param check throws an OssError for a value that breaks the rule */
export function keeping<Value>(check: (value: Value) => unknown) {
  return v.rawCheck<Value>(({ dataset, addIssue }) => {
    const message = dataset.typed ? refusalBy(() => check(dataset.value)) : undefined;
    if (message !== undefined) addIssue({ message });
  });
}

/** Why the rule refuses; undefined when it does not. */
export function refusalBy(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
    // The message of MalformedXML is the same for all that is wrong.
    const reason = error.code === 'MalformedXML' ? (error.reason ?? error.message) : error.message;
    return `is refused (${cutText(reason.replace(/\.$/, '').replaceAll(/\p{Cc}/gu, ' '), MAX_REFUSAL_CHARS)})`;
  }
}
