/** The document of callback policies. Shape: `put_bucket_callback_policy` of the Python and Java SDKs. */
import { childrenOf, readXml, textOf } from './read.ts';
import { writeXml } from './write.ts';

export interface CallbackPolicyDocument {
  readonly items: readonly CallbackPolicyItem[];
}

export interface CallbackPolicyItem {
  readonly name: string;
  /** Base64 of JSON, as in `x-oss-callback`. */
  readonly callback: string;
  /** As in `x-oss-callback-var`; empty for none. */
  readonly callbackVar: string;
}

/** @throws OssError MalformedXML when it is not such a document */
export function readBucketCallbackPolicy(body: Buffer, maxBytes: number): CallbackPolicyDocument {
  const root = readXml(body, 'BucketCallbackPolicy', maxBytes);
  return {
    items: childrenOf(root, 'PolicyItem').map((item) => ({
      name: textOf(item, 'PolicyName') ?? '',
      callback: textOf(item, 'Callback') ?? '',
      callbackVar: textOf(item, 'CallbackVar') ?? '',
    })),
  };
}

export function bucketCallbackPolicyDocument({ items }: CallbackPolicyDocument): string {
  return writeXml('BucketCallbackPolicy', {
    PolicyItem: items.map(({ name, callback, callbackVar }) => ({
      PolicyName: name,
      Callback: callback,
      CallbackVar: callbackVar,
    })),
  });
}
