// seeds.ts -- finished runs that differ in their seed alone, as one result.
import type { Run } from './api';
import { title } from './progress';

// What may differ between repetitions.
const OWN = new Set(['seed', 'name']);

const key = (run: Run) => JSON.stringify(Object.entries(run.settings).filter(([k]) => !OWN.has(k)));

export interface Group {
  key: string;
  name: string;
  runs: Run[];
  mean: number;
  deviation: number; // of a sample
  cpu: number;
}

const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;

export function groups(runs: Run[]): Group[] {
  const found = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.champion?.test_accuracy == null) continue;
    found.set(key(run), [...(found.get(key(run)) ?? []), run]);
  }
  return [...found].filter(([, same]) => same.length > 1).map(([k, same]) => {
    const scores = same.map((r) => r.champion!.test_accuracy!), m = mean(scores);
    return {
      key: k,
      name: title(same.at(-1)!),
      runs: same,
      mean: m,
      deviation: Math.sqrt(scores.reduce((a, s) => a + (s - m) ** 2, 0) / (scores.length - 1)),
      cpu: mean(same.map((r) => r.cpu_s)),
    };
  });
}
