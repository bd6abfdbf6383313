import type { FaultItem } from '../api-client.ts';
import { count } from '../format.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { LoadingText } from '../parts/loading.tsx';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';
import { type Draft, describeRule, EMPTY_DRAFT, EXAMPLES } from './draft.ts';
import { RuleForm } from './rule-form.tsx';

/** The rules that are set, and the form for a new one. */
export function FaultsPage() {
  const { value: draft, set: setDraft, clear } = useDraft<Draft>('fault rule', EMPTY_DRAFT);
  return (
    <main class="faults-page" id="main">
      <h1>Faults</h1>
      <RuleList />
      <Panel
        name="New rule"
        header={
          <div class="examples">
            {EXAMPLES.map(({ name, draft: example }) => (
              <button key={name} type="button" class="small" onClick={() => setDraft(example)}>
                {name}
              </button>
            ))}
          </div>
        }
      >
        <RuleForm draft={draft} onChange={setDraft} onSet={clear} />
      </Panel>
    </main>
  );
}

function RuleList() {
  const { api, faults } = useConsole();
  const rules = faults.value;
  const clear = async () => {
    await api('clearFaults');
    await faults.refresh();
  };
  return (
    <Panel
      name="Rules"
      title={rules && (rules.length === 0 ? 'No rule is set' : `${count(rules.length, 'rule')} set`)}
      help="faults"
      header={rules && rules.length > 0 && <ActionButton action={clear}>Remove all</ActionButton>}
    >
      {!rules && <LoadingText />}
      {rules?.length === 0 && (
        <p class="quiet">
          Everything works as it should. The first rule that fits decides, in the order they were set.
        </p>
      )}
      {rules && rules.length > 0 && (
        <ul class="rules">
          {rules.map((rule) => (
            <RuleItem key={rule.id} fault={rule} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RuleItem({ fault: { id, rule, matched, fired } }: { readonly fault: FaultItem }) {
  const { api, faults } = useConsole();
  const remove = async () => {
    await api('removeFault', { params: { id } });
    await faults.refresh();
  };
  return (
    <li>
      <code>{id}</code>
      <span class="rule-text">{describeRule(rule)}</span>
      <span class={fired > 0 ? 'badge warning' : 'badge'}>
        fired {fired} of {matched}
      </span>
      <ActionButton class="small" label={`Remove ${id}`} action={remove}>
        Remove
      </ActionButton>
    </li>
  );
}
