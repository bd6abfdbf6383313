import { useEffect, useState } from 'preact/hooks';
import type { Fault } from '../control-api.ts';
import { count } from '../format.ts';
import { useConsole } from '../state/context.ts';
import { type Draft, describeRule, EMPTY_DRAFT, EXAMPLES } from './draft.ts';
import { RuleForm } from './rule-form.tsx';

/** A test may set rules while one looks. */
const POLL_MS = 2_000;

/** Things that go wrong on purpose: the rules that are set, and a form for one more. */
export function FaultsPage() {
  const { faults, browserClock } = useConsole();
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  useEffect(() => {
    const poll = () => {
      // Whether the emulator answers at all is told by the banner.
      faults.refresh().catch(() => {});
      timer = browserClock.setTimeout(poll, POLL_MS);
    };
    let timer = browserClock.setTimeout(poll, 0);
    return () => timer.cancel();
  }, []);
  return (
    <main class="faults-page" id="main">
      <h1>Faults</h1>
      <RuleList />
      <section class="panel" aria-label="New rule">
        <header>
          <h2>New rule</h2>
          <div class="examples">
            {EXAMPLES.map(({ name, draft: example }) => (
              <button key={name} type="button" class="small" onClick={() => setDraft(example)}>
                {name}
              </button>
            ))}
          </div>
        </header>
        <RuleForm draft={draft} onChange={setDraft} onSet={() => setDraft(EMPTY_DRAFT)} />
      </section>
    </main>
  );
}

function RuleList() {
  const { faults, notice } = useConsole();
  const rules = faults.all.value;
  return (
    <section class="panel" aria-label="Rules">
      <header>
        <h2>{rules.length === 0 ? 'No rule is set' : `${count(rules.length, 'rule')} set`}</h2>
        {rules.length > 0 && (
          <button type="button" onClick={() => notice.attempt(() => faults.clear())}>
            Remove all
          </button>
        )}
      </header>
      {rules.length === 0 ? (
        <p class="quiet">
          Everything works as it should. The first rule that fits decides, in the order they were set.
        </p>
      ) : (
        <ul class="rules">
          {rules.map((rule) => (
            <RuleItem key={rule.id} fault={rule} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RuleItem({ fault: { id, rule, matched, fired } }: { readonly fault: Fault }) {
  const { faults, notice } = useConsole();
  return (
    <li>
      <code>{id}</code>
      <span class="rule-text">{describeRule(rule)}</span>
      <span class={fired > 0 ? 'badge warning' : 'badge'}>
        fired {fired} of {matched}
      </span>
      <button
        type="button"
        class="small"
        aria-label={`Remove ${id}`}
        onClick={() => notice.attempt(() => faults.remove(id))}
      >
        Remove
      </button>
    </li>
  );
}
