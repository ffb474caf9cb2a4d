// curves.ts -- what the fitness of generations looks like as lines.
import type { Line } from './Curve.svelte';
import type { Epoch, Generation } from './api';

// The best so far, and where the generation's members lie.
export function fitnessLines(generations: Generation[]): Line[] {
  let top = 0;
  const best = generations.map((g) => (top = Math.max(top, g.best ?? 0)));
  const quartile = (k: number) => generations.map((g) => g.quartiles?.[k] ?? null);
  return [
    { name: 'best so far', values: best, colour: 'accent' },
    { name: 'mean', values: generations.map((g) => g.mean), colour: 'warn', dash: true },
    { name: 'median', values: quartile(1), colour: 'soft', dash: true },
    { name: 'upper quartile', values: quartile(2), thin: true, hidden: true, band: 4 },
    { name: 'lower quartile', values: quartile(0), thin: true, hidden: true },
  ];
}

export const learningLines = (epochs: Epoch[]): Line[] => [
  { name: 'validation', values: epochs.map((e) => e.val_accuracy ?? null), colour: 'accent' },
  { name: 'training', values: epochs.map((e) => e.train_accuracy), colour: 'warn', dash: true },
];
