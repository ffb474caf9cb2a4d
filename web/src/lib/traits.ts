// traits.ts -- genes of genomes as columns: fetched, and made ready for what is
// drawn and worked out of them.
import { ask, type Genes } from './api';
import type { Column, Verdict } from './forest';

export type Gene = Genes['genes'][number];

// All pages as one.
export async function fetchGenes(uuid: string, signal: AbortSignal): Promise<Genes> {
  const path = `v1/runs/${uuid}/genes`;
  const whole = await ask<Genes>(path, { signal });
  for (let next = whole.next; next !== null;) {
    const page = await ask<Genes>(path, { signal, query: { after: next } });
    whole.id.push(...page.id);
    whole.rung.push(...page.rung);
    whole.fitness.push(...page.fitness);
    whole.genes.forEach((g, i) => g.values.push(...page.genes[i]!.values));
    next = page.next;
  }
  return whole;
}

const differs = (values: (number | null)[]) => new Set(values).size > 1;

// Those that are not the same in all genomes; how long a genome was trained is no
// gene and counts as much, so it stands among them.
export function telling({ genes, rung }: Genes): Gene[] {
  const trained: Gene = { name: 'rung (no gene)', choices: null, logarithmic: false, values: rung };
  return [...genes, trained].filter((g) => differs(g.values));
}

export const columnsOf = (genes: Gene[]): Column[] => genes.map((g) => ({
  values: Float64Array.from(g.values, (v) => v ?? NaN), choice: g.choices !== null,
}));

// Works it out off this thread, until nobody wants it any more.
export function judge(genes: Gene[], fitness: number[], signal: AbortSignal): Promise<Verdict> {
  const worker = new Worker(new URL('./forest.worker.ts', import.meta.url), { type: 'module' });
  signal.addEventListener('abort', () => worker.terminate());
  return new Promise((done, failed) => {
    worker.onmessage = ({ data }) => { worker.terminate(); done(data); };
    worker.onerror = () => { worker.terminate(); failed(new Error('the importance of genes could not be worked out')); };
    worker.postMessage({ columns: columnsOf(genes), outcome: Float64Array.from(fitness) });
  });
}
