import type { SignatureComparison } from '../../base/errors.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { type LineParts, pairLines } from './text-diff.ts';

/** The expected string to sign beside the one that the client signed, or alone where that one is not known. */
export function Comparison({ comparison: { expected, signed } }: { readonly comparison: SignatureComparison }) {
  if (signed === undefined) {
    return (
      <section class="comparison" aria-label="String to sign">
        <h3>
          What should have been signed <CopyButton text={expected} what="string to sign" />
        </h3>
        <pre>{expected}</pre>
        <p class="hint">
          No usual mistake gives the signature that was sent, so what the client signed is not known. Print its string
          to sign and compare.
        </p>
      </section>
    );
  }
  const pairs = pairLines(expected, signed);
  return (
    <section class="comparison" aria-label="String to sign">
      <table class="pairs">
        <thead>
          <tr>
            <th scope="col">
              Expected <CopyButton text={expected} what="expected string to sign" />
            </th>
            <th scope="col">
              Signed by the client <CopyButton text={signed} what="string the client signed" />
            </th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(({ ours, theirs, same }, index) => (
            <tr key={index} class={same ? undefined : 'differs'}>
              <LineCell line={ours} />
              <LineCell line={theirs} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LineCell({ line }: { readonly line: LineParts | undefined }) {
  if (!line) return <td class="no-line">(no such line)</td>;
  const { before, different, after } = line;
  return (
    <td>
      <code>
        {before}
        {different && <mark>{different}</mark>}
        {after}
        {before + different + after === '' && <span class="quiet">(empty)</span>}
      </code>
    </td>
  );
}
