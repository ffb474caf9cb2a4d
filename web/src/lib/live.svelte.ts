// live.svelte.ts -- a run as it goes: its document, its generations and what has
// just happened, kept fresh by its events.
import { untrack } from 'svelte';
import { all, ask, type Generation, type Run } from './api';
import { isOver } from './progress';
import { resource, type Resource } from './resource.svelte';
import { follow, type RunEvent } from './stream';

const PAGE = 200; // generations at a time: each says all its members
const EVENTS_KEPT = 200;
const OLD_EVENTS = 100; // of a run that has many, told again at first

export class Live {
  run: Resource<Run>;
  generations = $state.raw<Generation[]>([]);
  events = $state.raw<RunEvent[]>([]); // the latest first
  generationsAt = $state(0);
  held = $state(false); // true: nothing is asked for, as of a run that is about to go

  constructor(readonly uuid: string) {
    this.run = resource(() => (this.held ? undefined : (signal) => ask<Run>(`v1/runs/${uuid}`, { signal })),
      () => (this.run?.data && isOver(this.run.data) ? 0 : 2000));
    $effect(() => {
      if (this.held) return;
      const stop = new AbortController();
      untrack(() => void this.begin(stop.signal));
      return () => stop.abort();
    });
  }

  // What went before, then what comes; both again until the broker answers.
  private async begin(signal: AbortSignal) {
    while (!signal.aborted) {
      try {
        await this.more(signal);
        await this.listen(signal);
        return;
      } catch {
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  }

  // Asks for the generations from the first on that may have changed.
  private async more(signal: AbortSignal) {
    const kept = this.generations.filter((g) => g.scored !== null);
    const after = kept.at(-1)?.generation ?? -1;
    const fresh = await all<Generation>(`v1/runs/${this.uuid}/generations`, signal, { after, limit: PAGE });
    this.generations = [...kept, ...fresh];
    this.generationsAt = Date.now();
  }

  private async listen(signal: AbortSignal) {
    let waiting: RunEvent[] = [], timer: ReturnType<typeof setTimeout> | undefined;
    const start = Math.max(0, (await this.lastEvent(signal)) - OLD_EVENTS);
    const show = () => {
      timer = undefined;
      const news = waiting;
      waiting = [];
      this.events = [...news.reverse(), ...this.events].slice(0, EVENTS_KEPT);
      this.run.reload();
      if (news.some((e) => e.type === 'generation' || e.type === 'run')) void this.more(signal).catch(() => undefined);
    };
    const take = (e: RunEvent) => {
      waiting.push(e);
      if (waiting.length > EVENTS_KEPT) waiting.shift();
      timer ??= setTimeout(show, 400);
    };
    await follow(this.uuid, start, take, (error) => { if (!error) this.run.reload(); }, signal);
  }

  // The number of the run's latest event, near enough: one a training, and some
  // more for each generation.
  private async lastEvent(signal: AbortSignal): Promise<number> {
    const run = this.run.data ?? await ask<Run>(`v1/runs/${this.uuid}`, { signal });
    return run.evaluations + 2 * (run.generation ?? 0);
  }
}
