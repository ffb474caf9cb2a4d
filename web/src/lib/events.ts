// events.ts -- a run's events as sentences.
import { percent, plural } from './format';
import type { RunEvent } from './stream';

const n = (v: unknown) => (typeof v === 'number' ? v : undefined);

function evaluation(d: Record<string, unknown>): string {
  if (d.failure) return `failed: ${d.failure}`;
  const cached = d.cached_from === undefined ? '' : `, as genome ${d.cached_from}, whose network is the same`;
  return `${percent(n(d.fitness))}${n(d.rung) ? ` at rung ${d.rung}` : ''}${cached}`;
}

export function tell(e: RunEvent): { genome?: number; text: string; tone: string } {
  const d = e.data;
  switch (e.type) {
    case 'run': return { text: `the run is ${d.state}${d.stop_reason ? ` (${d.stop_reason})` : ''}`, tone: 'strong' };
    case 'generation': return { text: `generation ${d.generation} is scored: best ${percent(n(d.best))}, mean ${percent(n(d.mean))}`, tone: 'strong' };
    case 'species': return { text: `${plural(n(d.species) ?? 0, 'species', 'species')} in generation ${d.generation}`, tone: '' };
    case 'rung': return { text: `${plural((d.promoted as number[]).length, 'genome')} go on from rung ${d.rung}`, tone: '' };
    case 'evaluation': return { genome: n(d.genome), text: evaluation(d), tone: d.failure ? 'bad' : '' };
    case 'trouble': return { text: String(d.trouble ?? d.waiting ?? 'nothing is in the way any more'), tone: d.trouble ? 'bad' : '' };
    default: return { text: e.type, tone: '' };
  }
}
