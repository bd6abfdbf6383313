import { invalidArgument, OssError } from '../../base/errors.ts';
import type { Call } from './rest-call.ts';

/** `{ [name]: value }`, or `{}` when the value is absent or empty: PHP and Python send empty parameters for "none". */
export function given<Name extends string>(name: Name, value: string | undefined): { [key in Name]?: string } {
  const result: { [key in Name]?: string } = {};
  if (value) result[name] = value;
  return result;
}

/**
 * An integer in a range, or the default when absent or empty.
 * @throws OssError InvalidArgument
 */
export function integerParameter(
  query: ReadonlyMap<string, string>,
  name: string,
  { min, max, otherwise, ec }: { min: number; max: number; otherwise: number; ec?: string },
): number {
  const text = query.get(name);
  if (!text) return otherwise;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalidArgument(name, text, `Argument ${name} must be an integer between ${min} and ${max}.`, ec);
}

/** @throws OssError MissingArgument */
export function requiredParameter(query: ReadonlyMap<string, string>, name: string): string {
  const value = query.get(name);
  if (value) return value;
  throw new OssError('MissingArgument', `Missing Some Required Arguments: ${name}.`, { ec: '0016-00000502' });
}

/**
 * What a request says in a header or in its query.
 * @param bothEc of the refusal when it is in both
 * @throws OssError InvalidArgument
 */
export function headerOrParameter(
  { headers, query }: Pick<Call, 'headers' | 'query'>,
  header: string,
  parameter: string,
  bothEc: string,
): string | undefined {
  const inHeader = headers.get(header);
  const inQuery = query.get(parameter);
  if (inHeader === undefined || inQuery === undefined) return inHeader ?? inQuery;
  throw invalidArgument(parameter, inHeader, `The ${parameter} must not be in both the header and the URL.`, bothEc);
}

/** InvalidArgument for a required header that is absent. */
export function missingHeader(name: string): OssError {
  return invalidArgument(name, '', `The header ${name} is required.`);
}

/**
 * `encoding-type=url`: names in the answer are percent-encoded.
 * @throws OssError InvalidArgument
 */
export function encodingType(query: ReadonlyMap<string, string>): 'url' | undefined {
  const text = query.get('encoding-type');
  if (!text) return undefined;
  if (text === 'url') return 'url';
  throw invalidArgument('encoding-type', text, 'Invalid Encoding Method specified in Request.');
}
