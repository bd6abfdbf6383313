/** The usual parts of a lifecycle rule. What a rule has besides these is kept. */
import { childElements, childText, setChildTexts } from './xml.ts';

export const COLDER_CLASSES = ['IA', 'Archive', 'ColdArchive', 'DeepColdArchive'] as const;
export type ColderClass = (typeof COLDER_CLASSES)[number];

/** Numbers of days are texts, empty: not at all. */
export interface LifecycleFields {
  readonly id: string;
  readonly prefix: string;
  readonly isEnabled: boolean;
  readonly expireDays: string;
  readonly transitionDays: Readonly<Record<ColderClass, string>>;
  readonly abortDays: string;
  readonly noncurrentDays: string;
}

export const NEW_LIFECYCLE_RULE: LifecycleFields = {
  id: '',
  prefix: '',
  isEnabled: true,
  expireDays: '',
  transitionDays: { IA: '', Archive: '', ColdArchive: '', DeepColdArchive: '' },
  abortDays: '',
  noncurrentDays: '',
};

export function readLifecycleFields(rule: Element): LifecycleFields {
  const daysOf = (storageClass: ColderClass) => {
    const transition = transitionTo(rule, storageClass);
    return (transition && childText(transition, 'Days')) ?? '';
  };
  return {
    id: childText(rule, 'ID') ?? '',
    prefix: childText(rule, 'Prefix') ?? '',
    isEnabled: childText(rule, 'Status') === 'Enabled',
    expireDays: textWithin(rule, 'Expiration', 'Days'),
    transitionDays: {
      IA: daysOf('IA'),
      Archive: daysOf('Archive'),
      ColdArchive: daysOf('ColdArchive'),
      DeepColdArchive: daysOf('DeepColdArchive'),
    },
    abortDays: textWithin(rule, 'AbortMultipartUpload', 'Days'),
    noncurrentDays: textWithin(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays'),
  };
}

/** Changes in the rule only the fields that are others than before. */
export function writeLifecycleFields(rule: Element, fields: LifecycleFields): void {
  const before = readLifecycleFields(rule);
  if (fields.id !== before.id) setChildTexts(rule, 'ID', [fields.id]);
  if (fields.prefix !== before.prefix) setChildTexts(rule, 'Prefix', [fields.prefix]);
  const hasStatus = childText(rule, 'Status') !== undefined;
  if (!hasStatus || fields.isEnabled !== before.isEnabled) {
    setChildTexts(rule, 'Status', [fields.isEnabled ? 'Enabled' : 'Disabled']);
  }
  for (const [name, days, field] of TIMES) {
    if (fields[field] !== before[field]) setWithin(rule, name, days, fields[field]);
  }
  for (const storageClass of COLDER_CLASSES) {
    const days = fields.transitionDays[storageClass];
    if (days !== before.transitionDays[storageClass]) setTransition(rule, storageClass, days);
  }
}

/** What the form does not show, for people. */
export function keptInLifecycle(rule: Element): readonly string[] {
  const others = [...rule.children].filter(({ tagName }) => !SHOWN.includes(tagName));
  const dates = [...rule.querySelectorAll('CreatedBeforeDate, Date, ExpiredObjectDeleteMarker')];
  const options = [...rule.querySelectorAll('Transition > IsAccessTime, Transition > AllowSmallFile')];
  return [...new Set([...others, ...dates, ...options].map(({ tagName }) => tagName))];
}

const TIMES = [
  ['Expiration', 'Days', 'expireDays'],
  ['AbortMultipartUpload', 'Days', 'abortDays'],
  ['NoncurrentVersionExpiration', 'NoncurrentDays', 'noncurrentDays'],
] as const;

const SHOWN: readonly string[] = ['ID', 'Prefix', 'Status', 'Transition', 'AtimeBase', ...TIMES.map(([name]) => name)];

function textWithin(rule: Element, name: string, inner: string): string {
  const [element] = childElements(rule, name);
  return (element && childText(element, inner)) ?? '';
}

function setWithin(rule: Element, name: string, inner: string, days: string): void {
  const [element] = childElements(rule, name);
  if (days === '') element?.remove();
  // A time excludes the others.
  else replaceTimes(element ?? appended(rule, name), inner, days);
}

function setTransition(rule: Element, storageClass: ColderClass, days: string): void {
  const present = transitionTo(rule, storageClass);
  if (days === '') {
    present?.remove();
    return;
  }
  const transition = present ?? appended(rule, 'Transition');
  replaceTimes(transition, 'Days', days);
  if (!present) setChildTexts(transition, 'StorageClass', [storageClass]);
}

function replaceTimes(element: Element, name: string, days: string): void {
  for (const other of ['CreatedBeforeDate', 'Date', 'ExpiredObjectDeleteMarker']) setChildTexts(element, other, []);
  setChildTexts(element, name, [days]);
}

function transitionTo(rule: Element, storageClass: ColderClass): Element | undefined {
  return childElements(rule, 'Transition').find((element) => childText(element, 'StorageClass') === storageClass);
}

function appended(parent: Element, name: string): Element {
  const element = parent.ownerDocument.createElementNS(null, name);
  parent.append(element);
  return element;
}
