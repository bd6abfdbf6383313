import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ActionButton } from '../parts/action-button.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';
import { changesConfiguration, useRestAnswer } from './rest-answer.ts';
import { changeRules, type RuleKind, readRuleDocument, rulesOf } from './rule-document.ts';
import { childElements } from './xml.ts';

/** How rules of one kind are shown and changed. */
export interface RuleEditor<Fields> {
  readonly kind: RuleKind;
  /** `Lifecycle rules` */
  readonly title: string;
  /** What is without rules. */
  readonly none: string;
  readonly fresh: Fields;
  readonly read: (rule: Element) => Fields;
  readonly write: (rule: Element, fields: Fields) => void;
  /** Names of what the rule has besides the fields. */
  readonly kept: (rule: Element) => readonly string[];
  readonly name: (fields: Fields) => string;
  readonly describe: (fields: Fields) => ComponentChildren;
  readonly inputs: (fields: Fields, onChange: (fields: Fields) => void) => ComponentChildren;
}

interface RulesPanelProps<Fields> {
  readonly bucket: string;
  readonly editor: RuleEditor<Fields>;
}

/** The place of a rule in its document; `new` is behind the last. */
type RuleIndex = number | 'new';

export function RulesPanel<Fields>({ bucket, editor }: RulesPanelProps<Fields>) {
  const { rest } = useConsole();
  const { kind } = editor;
  const [edited, setEdited] = useState<{ readonly index: RuleIndex; readonly seen: string }>();
  const { value: text, refusal } = useRestAnswer(`${kind.subResource} of ${bucket}`, {
    ask: () => readRuleDocument(rest, bucket, kind),
    changesBy: (event) => changesConfiguration(event, bucket),
  });
  if (refusal) return <p class="why tone-bad">{refusal.message}</p>;
  if (text === undefined) return null;
  const rules = rulesOf(text, kind);
  const remove = (index: number) => {
    const change = (root: Element) => childElements(root, kind.rule)[index]?.remove();
    return changeRules(rest, bucket, { kind, seen: text, change });
  };
  return (
    <Panel
      name={editor.title}
      class="bucket-rules"
      header={
        <button type="button" onClick={() => setEdited({ index: 'new', seen: text })}>
          Add a rule
        </button>
      }
    >
      {rules.length === 0 && <p class="quiet">{editor.none}</p>}
      <ul class="rules">
        {rules.map((rule, index) => (
          <RuleLine
            key={index}
            rule={rule}
            editor={editor}
            onEdit={() => setEdited({ index, seen: text })}
            onRemove={() => remove(index)}
          />
        ))}
      </ul>
      {edited && <RuleDialog bucket={bucket} editor={editor} {...edited} onClose={() => setEdited(undefined)} />}
    </Panel>
  );
}

interface RuleLineProps<Fields> extends Pick<RulesPanelProps<Fields>, 'editor'> {
  readonly rule: Element;
  readonly onEdit: () => void;
  readonly onRemove: () => Promise<void>;
}

function RuleLine<Fields>({ rule, editor, onEdit, onRemove }: RuleLineProps<Fields>) {
  const fields = editor.read(rule);
  const kept = editor.kept(rule);
  const name = editor.name(fields);
  return (
    <li>
      <code>{name}</code>
      <span class="rule-text">
        {editor.describe(fields)}
        {kept.length > 0 && <span class="quiet"> Also has {kept.join(', ')}.</span>}
      </span>
      <span class="row-buttons">
        <button type="button" class="small" aria-label={`Edit ${name}`} onClick={onEdit}>
          Edit
        </button>
        <ActionButton class="small" label={`Remove ${name}`} action={onRemove}>
          Remove
        </ActionButton>
      </span>
    </li>
  );
}

interface RuleDialogProps<Fields> extends RulesPanelProps<Fields> {
  readonly index: RuleIndex;
  /** The document when the dialog was opened. */
  readonly seen: string;
  readonly onClose: () => void;
}

function RuleDialog<Fields>({ bucket, editor, index, seen, onClose }: RuleDialogProps<Fields>) {
  const { rest } = useConsole();
  const { kind } = editor;
  const rule = index === 'new' ? undefined : rulesOf(seen, kind)[index];
  const draftName = `${kind.subResource} of ${bucket}, ${rule?.outerHTML ?? 'new rule'}`;
  const draft = useDraft(draftName, rule ? editor.read(rule) : editor.fresh);
  const fields = draft.value;
  const save = () => {
    const change = (root: Element) => editor.write(ruleAt(root, kind, index), fields);
    return changeRules(rest, bucket, { kind, seen, change });
  };
  const close = () => {
    draft.clear();
    onClose();
  };
  const kept = rule ? editor.kept(rule) : [];
  const title = rule ? `Edit ${editor.name(editor.read(rule))}` : 'New rule';
  return (
    <FormDialog title={title} verb="Save" action={save} onClose={close}>
      {editor.inputs(fields, draft.set)}
      {kept.length > 0 && <p class="quiet">Stays as it is: {kept.join(', ')}.</p>}
    </FormDialog>
  );
}

function ruleAt(root: Element, kind: RuleKind, index: RuleIndex): Element {
  const present = index === 'new' ? undefined : childElements(root, kind.rule)[index];
  if (present) return present;
  const made = root.ownerDocument.createElementNS(null, kind.rule);
  const last = childElements(root, kind.rule).at(-1);
  if (last) last.after(made);
  else root.prepend(made);
  return made;
}
