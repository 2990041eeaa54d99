/** @file Light, dark, or as the system has it. `public/theme.js` applies the choice before the first paint. */
import { stored } from './stored.js';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const choice = stored('theme');
const system = matchMedia('(prefers-color-scheme: dark)');
const isTheme = (value: unknown): value is Theme => themes.includes(value as Theme);

let chosen = $state<Theme>(isTheme(choice.read()) ? (choice.read() as Theme) : 'system');
let isSystemDark = $state(system.matches);
system.addEventListener('change', ({ matches }) => {
  isSystemDark = matches;
});

export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  /** What is seen. Read it where something is drawn with colors that were computed, as on a canvas. */
  get isDark(): boolean {
    return chosen === 'system' ? isSystemDark : chosen === 'dark';
  },
  choose(next: Theme): void {
    chosen = next;
    choice.write(next === 'system' ? undefined : next);
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
  },
};
