import { CheckBox, TextField } from '../parts/form.tsx';
import {
  COLDER_CLASSES,
  keptInLifecycle,
  type LifecycleFields,
  NEW_LIFECYCLE_RULE,
  readLifecycleFields,
  writeLifecycleFields,
} from './lifecycle-fields.ts';
import { LIFECYCLE } from './rule-document.ts';
import { type RuleEditor, RulesPanel } from './rules-panel.tsx';

export function LifecyclePanel({ bucket }: { readonly bucket: string }) {
  return <RulesPanel bucket={bucket} editor={EDITOR} />;
}

const EDITOR: RuleEditor<LifecycleFields> = {
  kind: LIFECYCLE,
  title: 'Lifecycle rules',
  none: 'There is no rule: objects stay as they are. Rules are executed by the clock of the emulator.',
  fresh: NEW_LIFECYCLE_RULE,
  read: readLifecycleFields,
  write: writeLifecycleFields,
  kept: keptInLifecycle,
  name: ({ id }) => id,
  describe: describeRule,
  inputs: (fields, onChange) => <LifecycleInputs fields={fields} onChange={onChange} />,
};

function describeRule({ prefix, isEnabled, ...fields }: LifecycleFields) {
  const { expireDays, transitionDays, abortDays, noncurrentDays } = fields;
  const actions = [
    ...COLDER_CLASSES.flatMap((name) => (transitionDays[name] ? [`${name} after ${days(transitionDays[name])}`] : [])),
    ...(expireDays ? [`deleted after ${days(expireDays)}`] : []),
    ...(noncurrentDays ? [`earlier versions deleted after ${days(noncurrentDays)}`] : []),
    ...(abortDays ? [`unfinished uploads aborted after ${days(abortDays)}`] : []),
  ];
  return (
    <>
      {prefix === '' ? 'The whole bucket' : <code>{prefix}*</code>}
      {actions.length > 0 && `: ${actions.join(', ')}`}. {!isEnabled && <span class="badge bad">disabled</span>}
    </>
  );
}

function days(number: string): string {
  return number === '1' ? '1 day' : `${number} days`;
}

interface LifecycleInputsProps {
  readonly fields: LifecycleFields;
  readonly onChange: (fields: LifecycleFields) => void;
}

function LifecycleInputs({ fields, onChange }: LifecycleInputsProps) {
  const { transitionDays } = fields;
  return (
    <>
      <div class="field-row">
        <TextField
          label="ID"
          placeholder="made by the emulator"
          value={fields.id}
          onInput={(id) => onChange({ ...fields, id })}
        />
        <TextField
          label="Keys that begin with"
          placeholder="all"
          value={fields.prefix}
          onInput={(prefix) => onChange({ ...fields, prefix })}
        />
      </div>
      <CheckBox checked={fields.isEnabled} onChange={(isEnabled) => onChange({ ...fields, isEnabled })}>
        Enabled
      </CheckBox>
      <p class="quiet">After so many days; empty: not at all.</p>
      <div class="field-row">
        {COLDER_CLASSES.map((name) => (
          <DaysField
            key={name}
            label={`To ${name}`}
            value={transitionDays[name]}
            onInput={(text) => onChange({ ...fields, transitionDays: { ...transitionDays, [name]: text } })}
          />
        ))}
        <DaysField
          label="Delete"
          value={fields.expireDays}
          onInput={(expireDays) => onChange({ ...fields, expireDays })}
        />
        <DaysField
          label="Delete earlier versions"
          value={fields.noncurrentDays}
          onInput={(noncurrentDays) => onChange({ ...fields, noncurrentDays })}
        />
        <DaysField
          label="Abort uploads"
          value={fields.abortDays}
          onInput={(abortDays) => onChange({ ...fields, abortDays })}
        />
      </div>
    </>
  );
}

interface DaysFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}

function DaysField(props: DaysFieldProps) {
  return <TextField {...props} inputMode="numeric" pattern="[1-9][0-9]{0,8}" title="A number of days" />;
}
