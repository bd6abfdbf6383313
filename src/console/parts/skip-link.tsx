import { focusMain } from './main-focus.ts';

/** Leads past the navigation. It is a button, because the address behind `#` names the page. */
export function SkipLink() {
  return (
    <button type="button" class="skip-link" onClick={focusMain}>
      Skip to the content
    </button>
  );
}
