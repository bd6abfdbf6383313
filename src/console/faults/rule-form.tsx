import type { FaultPhase } from '../../control-plane/faults/fault-rule.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { useConsole } from '../state/context.ts';
import { type Draft, LIMITS, type LimitName, ruleOf } from './draft.ts';
import { EFFECTS, type EffectField, type EffectName, type MatchName, PHASES } from './effects.ts';

const MATCH_LABELS: Readonly<Record<MatchName, readonly [name: string, placeholder: string]>> = {
  operation: ['Operation', 'any, e.g. PutLiveChannel'],
  bucket: ['Bucket', 'any'],
  channel: ['Channel', 'any'],
  key: ['Object key', 'any, e.g. cam/*'],
  app: ['Application', 'any'],
  stream: ['Stream', 'any'],
};

const LIMIT_LABELS: Readonly<Record<LimitName, readonly [name: string, placeholder: string]>> = {
  count: ['At most so often', 'no limit'],
  skip: ['Let pass first', '0'],
  probability: ['Chance, 0 to 1', '1'],
  seed: ['Seed of the dice', '1'],
};

export interface RuleFormProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSet: () => void;
}

export function RuleForm({ draft, onChange, onSet }: RuleFormProps) {
  const { faults, notice } = useConsole();
  const rule = ruleOf(draft);
  const set = async () => {
    await faults.add(rule);
    onSet();
  };
  return (
    <form
      class="rule-form"
      onSubmit={(event) => {
        event.preventDefault();
        notice.attempt(set);
      }}
    >
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
            label={MATCH_LABELS[name]}
            value={draft.match[name]}
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
            label={LIMIT_LABELS[name]}
            value={draft.limits[name]}
            numeric
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
    </form>
  );
}

function TextField(props: {
  readonly label: readonly [name: string, placeholder: string];
  readonly value: string | undefined;
  readonly numeric?: boolean;
  readonly onInput: (text: string) => void;
}) {
  const [name, placeholder] = props.label;
  return (
    <label>
      {name}
      <input
        type="text"
        inputMode={props.numeric ? 'decimal' : 'text'}
        value={props.value ?? ''}
        placeholder={placeholder}
        onInput={({ currentTarget }) => props.onInput(currentTarget.value)}
      />
    </label>
  );
}

function EffectInput(props: {
  readonly field: EffectField;
  readonly value: string;
  readonly onInput: (text: string) => void;
}) {
  const { name, type, unit, placeholder } = props.field;
  if (type === 'flag') {
    return (
      <label class="check">
        <input
          type="checkbox"
          checked={props.value === 'true'}
          onChange={({ currentTarget }) => props.onInput(currentTarget.checked ? 'true' : '')}
        />{' '}
        {name}
      </label>
    );
  }
  return (
    <label>
      <span>
        {name} {unit && <span class="quiet">({unit})</span>}
      </span>
      <input
        type="text"
        inputMode={type === 'number' ? 'numeric' : 'text'}
        pattern={type === 'number' ? '[0-9]+' : undefined}
        value={props.value}
        placeholder={placeholder}
        onInput={({ currentTarget }) => props.onInput(currentTarget.value)}
      />
    </label>
  );
}

function isPhase(value: string): value is FaultPhase {
  return value in PHASES;
}

/** The same by hand, in a script. */
function curlLine(rule: object): string {
  const body = JSON.stringify(rule).replaceAll("'", "'\\''");
  return `curl -X POST ${location.origin}/_emulator/faults -d '${body}'`;
}
