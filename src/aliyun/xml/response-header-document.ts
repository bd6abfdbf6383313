/** The document of hidden response headers. Shape: `ResponseHeaderXml` of the Go SDK. */
import { childOf, childrenOf, readXml, textOf, textsOf } from './read.ts';
import { writeXml } from './write.ts';

export interface ResponseHeaderDocument {
  readonly rules: readonly ResponseHeaderRule[];
}

export interface ResponseHeaderRule {
  readonly name: string;
  /** Names of operations, in which `*` stands for any characters. */
  readonly operations: readonly string[];
  readonly hideHeaders: readonly string[];
}

/** @throws OssError MalformedXML when it is not such a document */
export function readResponseHeaderConfiguration(body: Buffer, maxBytes: number): ResponseHeaderDocument {
  const root = readXml(body, 'ResponseHeaderConfiguration', maxBytes);
  return {
    rules: childrenOf(root, 'Rule').map((rule) => ({
      name: textOf(rule, 'Name') ?? '',
      operations: textsOf(childOf(rule, 'Filters'), 'Operation'),
      hideHeaders: textsOf(childOf(rule, 'HideHeaders'), 'Header'),
    })),
  };
}

export function responseHeaderConfigurationDocument({ rules }: ResponseHeaderDocument): string {
  return writeXml('ResponseHeaderConfiguration', {
    Rule: rules.map(({ name, operations, hideHeaders }) => ({
      Name: name,
      Filters: { Operation: operations },
      HideHeaders: { Header: hideHeaders },
    })),
  });
}
