// theme.svelte.ts -- dark or light: as the system has it, until a person says.
const system = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  chosen = $state(localStorage.getItem('theme') ?? '');
  dark = $state(false);

  constructor() {
    system.addEventListener('change', () => this.apply());
    this.apply();
  }

  apply() {
    this.dark = this.chosen ? this.chosen === 'dark' : system.matches;
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
  }

  toggle() {
    this.chosen = this.dark ? 'light' : 'dark';
    localStorage.setItem('theme', this.chosen);
    this.apply();
  }
}

export const theme = new Theme();

// A colour of app.css as it is now, for canvases.
export const colour = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// A species' own colour: neighbours in number are far apart in hue.
export const speciesColour = (id: number | null | undefined, dark: boolean) =>
  id == null ? (dark ? '#8b9198' : '#777c82')
    : `oklch(${dark ? 0.72 : 0.62} 0.13 ${(id * 137.508 + 175) % 360})`;
