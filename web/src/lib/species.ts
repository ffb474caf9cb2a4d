// species.ts -- the species of a run over its generations, from who its members
// were.
import type { Generation } from './api';

export interface Band {
  id: number;
  born: number; // the generation that it appears in, as an index of the list
  last: number; // likewise the last one
  sizes: number[]; // by generation
}

export function bands(generations: Generation[]): Band[] {
  const found = new Map<number, Band>();
  generations.forEach((g, i) => {
    for (const id of g.species ?? []) {
      let band = found.get(id);
      if (!band) found.set(id, band = { id, born: i, last: i, sizes: generations.map(() => 0) });
      band.sizes[i]!++;
      band.last = i;
    }
  });
  return [...found.values()].sort((a, b) => a.id - b.id);
}

// A large run's stream has more generations than pixels: every so many are shown.
export function thinned(generations: Generation[], most: number): { shown: Generation[]; step: number } {
  const step = Math.max(1, Math.ceil(generations.length / most));
  return { shown: step === 1 ? generations : generations.filter((_, i) => i % step === 0), step };
}
