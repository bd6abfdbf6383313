import { HELP, type HelpTopic, helpUrl } from '../help.ts';
import { Icon } from './icon.tsx';

/** Leads to the document about what stands beside it; the page itself stays open. */
export function HelpLink({ topic }: { readonly topic: HelpTopic }) {
  const label = `Help: ${HELP[topic].name}`;
  return (
    <a class="help-link" href={helpUrl(topic)} target="_blank" rel="noreferrer" aria-label={label} title={label}>
      <Icon name="help" />
    </a>
  );
}
