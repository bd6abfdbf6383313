/** Leads past the navigation. It is a button, because the address behind `#` names the page. */
export function SkipLink() {
  const skip = () => {
    const main = document.getElementById('main');
    main?.setAttribute('tabindex', '-1');
    main?.focus();
  };
  return (
    <button type="button" class="skip-link" onClick={skip}>
      Skip to the content
    </button>
  );
}
