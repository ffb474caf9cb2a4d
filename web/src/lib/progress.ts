// progress.ts -- how far a run is, from its document.
import type { Run } from './api';
import { duration, whole } from './format';

export const isOver = (run: Run) => ['finished', 'failed', 'cancelled'].includes(run.state);

// The share of the whole search and final training that is behind it.
export function share(run: Run): number {
  if (run.state === 'finished') return 1;
  if (run.budget) return run.budget.spent_pflop / run.budget.pflop;
  const all = run.settings.generations || 1;
  if (run.phase === 'final' || run.phase === 'finalists') return 0.97;
  const inside = run.progress.members ? run.progress.scored / run.progress.members : 0;
  return (0.97 * ((run.generation ?? 0) + inside)) / all;
}

const PHASES: Record<string, string> = {
  breeding: 'Breeding the next generation',
  scoring: 'Scoring a generation',
  finalists: 'Training the finalists from scratch',
  final: 'Training the champion on all images',
  over: 'Over',
};

export const phase = (run: Run) => (run.state === 'paused' ? 'Paused' : PHASES[run.phase] ?? run.phase);

const REASONS: Record<string, string> = {
  threshold: 'reached its threshold', generations: 'bred all its generations', stagnation: 'got no better',
  budget: 'spent its budget', cancelled: 'was cancelled',
};

export const ending = (run: Run) => (run.stop_reason ? REASONS[run.stop_reason] ?? run.stop_reason : '');

export const timeLeft = (run: Run) => (isOver(run) ? '' : run.eta_s == null ? 'unknown' : duration(run.eta_s));

export const title = (run: { name: string; number: number }) => run.name || `Run ${whole(run.number)}`;
