// genes.ts -- two genomes compared gene by gene.
import type { GenomeDetail } from './api';
import { setting } from './format';

export interface Difference {
  kind: 'more' | 'less' | 'other';
  text: string;
}

type Genome = GenomeDetail['genome'];
type Gene = Record<string, unknown> & { number: number };
type Graph = { nodes: Gene[]; edges: Gene[]; training: Record<string, unknown> };

const isGraph = (g: unknown): g is Graph => typeof g === 'object' && g !== null && 'nodes' in g;

const nameOf = (n: Gene) => {
  const size = n.filters ?? n.units;
  return `${n.kind} ${n.number}${size ? ` of ${size}` : ''}`;
};

const edgeName = (e: Gene) => `edge ${e.number} from ${e.from} to ${e.to}`;

const change = (name: string, from: unknown, to: unknown) =>
  (typeof to === 'boolean' ? `${to ? 'now' : 'no longer'} ${name}` : `${name} ${setting(from)} → ${setting(to)}`);

function members(from: Record<string, unknown>, to: Record<string, unknown>, what: string): Difference[] {
  return Object.keys(to).filter((k) => k !== 'number' && JSON.stringify(from[k]) !== JSON.stringify(to[k]))
    .map((k) => ({ kind: 'other', text: `${what}: ${change(k.replaceAll('_', ' '), from[k], to[k])}` }));
}

function genes(from: Gene[], to: Gene[], name: (g: Gene) => string): Difference[] {
  const before = new Map(from.map((g) => [g.number, g])), after = new Set(to.map((g) => g.number));
  return [
    ...to.flatMap((g): Difference[] => {
      const old = before.get(g.number);
      return old ? members(old, g, name(g)) : [{ kind: 'more', text: name(g) }];
    }),
    ...from.filter((g) => !after.has(g.number)).map((g): Difference => ({ kind: 'less', text: name(g) })),
  ];
}

export function differences(from: Genome, to: Genome): Difference[] {
  if (isGraph(from) && isGraph(to)) {
    return [...genes(from.nodes, to.nodes, nameOf), ...genes(from.edges, to.edges, edgeName),
      ...members(from.training, to.training, 'training')];
  }
  return members(from as unknown as Record<string, unknown>, to as unknown as Record<string, unknown>, 'gene');
}
