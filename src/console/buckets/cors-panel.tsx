import { CheckBox, TextField } from '../parts/form.tsx';
import {
  CORS_METHODS,
  type CorsFields,
  keptInCors,
  NEW_CORS_RULE,
  readCorsFields,
  writeCorsFields,
} from './cors-fields.ts';
import { CORS } from './rule-document.ts';
import { type RuleEditor, RulesPanel } from './rules-panel.tsx';

export function CorsPanel({ bucket }: { readonly bucket: string }) {
  return <RulesPanel bucket={bucket} editor={EDITOR} />;
}

const EDITOR: RuleEditor<CorsFields> = {
  kind: CORS,
  title: 'CORS rules',
  none: 'There is no rule. The emulator lets pages of every origin read the objects of such a bucket.',
  fresh: NEW_CORS_RULE,
  read: readCorsFields,
  write: writeCorsFields,
  kept: keptInCors,
  name: ({ origins }) => inOneLine(origins),
  describe: describeRule,
  inputs: (fields, onChange) => <CorsInputs fields={fields} onChange={onChange} />,
};

function describeRule({ methods, headers, exposed, maxAgeSec }: CorsFields): string {
  return [
    methods.join(', '),
    headers === '' ? 'no headers' : `headers ${inOneLine(headers)}`,
    ...(exposed === '' ? [] : [`shows ${inOneLine(exposed)}`]),
    ...(maxAgeSec === '' ? [] : [`for ${maxAgeSec} s`]),
  ].join('; ');
}

function inOneLine(lines: string): string {
  return lines.split('\n').join(', ');
}

interface CorsInputsProps {
  readonly fields: CorsFields;
  readonly onChange: (fields: CorsFields) => void;
}

function CorsInputs({ fields, onChange }: CorsInputsProps) {
  const toggle = (method: string, isAllowed: boolean) => {
    const others = fields.methods.filter((other) => other !== method);
    onChange({ ...fields, methods: isAllowed ? [...others, method] : others });
  };
  return (
    <>
      <Lines
        label="Origins, one in each line"
        value={fields.origins}
        onInput={(origins) => onChange({ ...fields, origins })}
      />
      <fieldset class="checks">
        <legend>Methods</legend>
        {CORS_METHODS.map((method) => (
          <CheckBox
            key={method}
            checked={fields.methods.includes(method)}
            onChange={(isAllowed) => toggle(method, isAllowed)}
          >
            {method}
          </CheckBox>
        ))}
      </fieldset>
      <Lines
        label="Headers that may be sent"
        value={fields.headers}
        onInput={(headers) => onChange({ ...fields, headers })}
      />
      <Lines
        label="Headers that pages may read"
        value={fields.exposed}
        onInput={(exposed) => onChange({ ...fields, exposed })}
      />
      <TextField
        label="Kept by browsers for so many seconds"
        inputMode="numeric"
        pattern="[0-9]{1,9}"
        title="A number of seconds"
        value={fields.maxAgeSec}
        onInput={(maxAgeSec) => onChange({ ...fields, maxAgeSec })}
      />
    </>
  );
}

interface LinesProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}

function Lines({ label, value, onInput }: LinesProps) {
  return (
    <label>
      {label}
      <textarea rows={2} value={value} onInput={({ currentTarget }) => onInput(currentTarget.value)} />
    </label>
  );
}
