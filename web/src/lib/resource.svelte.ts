// resource.svelte.ts -- something of the API that a view shows: loaded, kept
// fresh while the page is looked at, and asked for again when it fails.
import { untrack } from 'svelte';
import { Refusal } from './api';
import { session } from './session.svelte';

const BACK_OFF_MS = [500, 1000, 2000, 4000];

export class Resource<T> {
  data = $state.raw<T>();
  error = $state.raw<Error>();
  at = $state(0); // when data came
  again = $state(0); // counts the calls of reload

  reload = () => {
    this.again++;
  };

  set(data: T) {
    this.data = data;
    this.error = undefined;
    this.at = Date.now();
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); done(); });
  });

const visible = (signal: AbortSignal) =>
  new Promise<void>((done) => {
    if (!document.hidden) return done();
    const look = () => { if (!document.hidden) done(); };
    document.addEventListener('visibilitychange', look, { signal });
    signal.addEventListener('abort', () => done());
  });

// A refusal will be one again, but for one that says "not now".
const lasts = (e: Error) => e instanceof Refusal && e.status < 500;

async function keep<T>(r: Resource<T>, load: (signal: AbortSignal) => Promise<T>, every: number, signal: AbortSignal) {
  for (let failed = 0; !signal.aborted;) {
    try {
      const data = await load(signal);
      if (signal.aborted) return;
      r.set(data);
      failed = 0;
      if (!every) return;
      await pause(every, signal);
    } catch (e) {
      if (signal.aborted) return;
      r.error = e as Error;
      if (lasts(r.error)) return;
      await pause(BACK_OFF_MS[Math.min(failed++, BACK_OFF_MS.length - 1)]!, signal);
    }
    await visible(signal);
  }
}

// Loads now, again when what `load` reads changes, and every so many ms; to be
// called while a component is set up.  `load` gives undefined for nothing to do.
export function resource<T>(load: () => ((signal: AbortSignal) => Promise<T>) | undefined, every: () => number = () => 0) {
  const r = new Resource<T>();
  const ms = $derived(every());
  $effect(() => {
    const how = load(), pace = ms;
    void r.again;
    void session.token;
    if (!how) return;
    const stop = new AbortController();
    untrack(() => void keep(r, how, pace, stop.signal));
    return () => stop.abort();
  });
  return r;
}
