import { shellWord } from '../../base/shell-word.ts';
import type { FaultPhase } from '../../control-plane/faults/fault-rule.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { CheckBox, Form, TextField } from '../parts/form.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { type Draft, LIMITS, type LimitName, ruleOf } from './draft.ts';
import { EFFECTS, type EffectField, type EffectName, type MatchName, PHASES } from './effects.ts';

interface FieldTexts {
  readonly label: string;
  readonly placeholder: string;
}

const MATCH_LABELS: Readonly<Record<MatchName, FieldTexts>> = {
  operation: { label: 'Operation', placeholder: 'any, e.g. PutLiveChannel' },
  bucket: { label: 'Bucket', placeholder: 'any' },
  channel: { label: 'Channel', placeholder: 'any' },
  key: { label: 'Object key', placeholder: 'any, e.g. cam/*' },
  app: { label: 'Application', placeholder: 'any' },
  stream: { label: 'Stream', placeholder: 'any' },
};

const LIMIT_LABELS: Readonly<Record<LimitName, FieldTexts>> = {
  count: { label: 'At most so often', placeholder: 'no limit' },
  skip: { label: 'Let pass first', placeholder: '0' },
  probability: { label: 'Chance, 0 to 1', placeholder: '1' },
  seed: { label: 'Random seed', placeholder: '1' },
};

export interface RuleFormProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSet: () => void;
}

export function RuleForm({ draft, onChange, onSet }: RuleFormProps) {
  const { api, faults, notice } = useConsole();
  const rule = ruleOf(draft);
  const suggestions = useSuggestions();
  const set = async () => {
    await api('addFault', { body: rule });
    await faults.refresh();
    onSet();
  };
  return (
    <Form class="rule-form" onSubmit={() => notice.attempt(set)}>
      <fieldset>
        <legend>Where</legend>
        <label>
          Phase
          <select
            value={draft.phase}
            onChange={({ currentTarget: { value } }) => isPhase(value) && onChange({ ...draft, phase: value })}
          >
            {Object.entries(PHASES).map(([phase, { name }]) => (
              <option key={phase} value={phase}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {PHASES[draft.phase].matches.map((name: MatchName) => (
          <TextField
            key={name}
            label={MATCH_LABELS[name].label}
            placeholder={MATCH_LABELS[name].placeholder}
            suggestions={suggestions[name]}
            value={draft.match[name] ?? ''}
            onInput={(text) => onChange({ ...draft, match: { ...draft.match, [name]: text } })}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>What happens</legend>
        {PHASES[draft.phase].effects.map((name: EffectName) => (
          <EffectInput
            key={name}
            field={EFFECTS[name]}
            value={draft.effect[name] ?? ''}
            onInput={(text) => onChange({ ...draft, effect: { ...draft.effect, [name]: text } })}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>How often</legend>
        {LIMITS.map((name) => (
          <TextField
            key={name}
            label={LIMIT_LABELS[name].label}
            placeholder={LIMIT_LABELS[name].placeholder}
            inputMode="decimal"
            value={draft.limits[name] ?? ''}
            onInput={(text) => onChange({ ...draft, limits: { ...draft.limits, [name]: text } })}
          />
        ))}
      </fieldset>
      <div class="rule-result">
        <pre>
          <code>{JSON.stringify(rule, undefined, 2)}</code>
        </pre>
        <button type="submit" class="primary" disabled={Object.keys(rule.effect).length === 0}>
          Set the rule
        </button>
        <CopyButton text={curlLine(rule)} what="curl line" />
      </div>
    </Form>
  );
}

/** What exists at present, for the fields that name it. */
function useSuggestions(): Readonly<Partial<Record<MatchName, readonly string[]>>> {
  const { api, channels } = useConsole();
  const operations = useAnswer('operations', { ask: () => api('faultOperations'), refreshOn: [] });
  const all = channels.value ?? [];
  return {
    operation: operations ? [...operations.oss, ...operations.live] : [],
    bucket: [...new Set(all.map(({ bucket }) => bucket))],
    channel: [...new Set(all.map(({ name }) => name))],
  };
}

function EffectInput(props: {
  readonly field: EffectField;
  readonly value: string;
  readonly onInput: (text: string) => void;
}) {
  const { name, type, unit, placeholder } = props.field;
  if (type === 'flag') {
    return (
      <CheckBox checked={props.value === 'true'} onChange={(checked) => props.onInput(checked ? 'true' : '')}>
        {name}
      </CheckBox>
    );
  }
  return (
    <TextField
      label={
        <span>
          {name} {unit && <span class="quiet">({unit})</span>}
        </span>
      }
      inputMode={type === 'number' ? 'numeric' : 'text'}
      pattern={type === 'number' ? '[0-9]+' : undefined}
      placeholder={placeholder}
      value={props.value}
      onInput={props.onInput}
    />
  );
}

function isPhase(value: string): value is FaultPhase {
  return value in PHASES;
}

/** A command that sets the same rule. */
function curlLine(rule: object): string {
  return `curl -X POST ${location.origin}/_emulator/faults -d ${shellWord(JSON.stringify(rule))}`;
}
