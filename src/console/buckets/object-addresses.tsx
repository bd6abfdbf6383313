import { useState } from 'preact/hooks';
import { NamedTexts } from '../parts/code-lines.tsx';
import { ExpiryField } from '../parts/form.tsx';
import { useAnswer, useConsole } from '../state/context.ts';

const EXPIRIES_SEC = [600, 3600, 86_400, 604_800];

/** The URL of an object for everybody, and one with a signature. */
export function ObjectAddresses({ bucket, objectKey: key }: { readonly bucket: string; readonly objectKey: string }) {
  const { api } = useConsole();
  const [expiresSec, setExpiresSec] = useState(3600);
  const address = useAnswer(`${bucket}/${key} ${expiresSec}`, {
    ask: () => api('presign', { body: { bucket, key, expiresSec } }),
    refreshOn: ['clock.changed'],
  });
  return (
    <>
      {address && (
        <NamedTexts
          all={[
            { name: 'Plain', text: address.plainUrl, what: 'plain address' },
            { name: 'Signed', text: address.url, what: 'signed address' },
          ]}
        />
      )}
      <ExpiryField choicesSec={EXPIRIES_SEC} value={expiresSec} onChange={setExpiresSec} />
    </>
  );
}
