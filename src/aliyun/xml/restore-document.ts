import { malformedXml } from './malformed-xml.ts';
import { childOf, readXml, textOf } from './read.ts';

export interface RestoreInput {
  readonly days?: string | undefined;
  /** Undefined without JobParameters; they may come without a tier. */
  readonly jobParameters?: { readonly tier?: string | undefined } | undefined;
}

const ELEMENTS: readonly string[] = ['Days', 'JobParameters'];
/** Elements of S3 that OSS does not have, with the EC of each. Sources: the pages of these EC. */
const FOREIGN_ELEMENTS: ReadonlyMap<string, string> = new Map([
  ['GlacierJobParameters', '0016-00000709'],
  ['OutputLocation', '0016-00000710'],
  ['Type', '0016-00000713'],
]);
const UNKNOWN_ELEMENT_EC = '0016-00000714';

/**
 * The optional body of RestoreObject.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readRestoreRequest(body: Buffer, maxBytes: number): RestoreInput {
  const root = readXml(body, 'RestoreRequest', maxBytes);
  for (const name of root.children?.keys() ?? []) {
    if (ELEMENTS.includes(name)) continue;
    throw malformedXml(`RestoreRequest has no element ${name}`, FOREIGN_ELEMENTS.get(name) ?? UNKNOWN_ELEMENT_EC);
  }
  const job = childOf(root, 'JobParameters');
  return { days: textOf(root, 'Days'), jobParameters: job && { tier: textOf(job, 'Tier') } };
}
