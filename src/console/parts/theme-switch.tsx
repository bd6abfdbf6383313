import { useState } from 'preact/hooks';
import { keepTheme, readTheme, THEMES, type Theme } from '../theme.ts';
import { Icon, type IconName } from './icon.tsx';

const ICONS: Readonly<Record<Theme, IconName>> = { system: 'screen', light: 'sun', dark: 'moon' };
const NAMES: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' };

/** Changes to the next theme. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const choose = () => {
    keepTheme(next);
    setTheme(next);
  };
  const label = `Colors: ${NAMES[theme]}; change to ${NAMES[next]}`;
  return (
    <button type="button" class="plain" aria-label={label} title={label} onClick={choose}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
