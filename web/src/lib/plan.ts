// plan.ts -- where a network's layers go, worked out by a worker.
import type { Layer } from './api';
import type { Layout } from './layout';

export function plan(layers: Layer[], wide: number, high: number, signal: AbortSignal): Promise<Layout> {
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
  signal.addEventListener('abort', () => worker.terminate());
  return new Promise((done, failed) => {
    worker.onmessage = ({ data }) => { worker.terminate(); done(data); };
    worker.onerror = () => { worker.terminate(); failed(new Error('the network could not be laid out')); };
    worker.postMessage({ layers, wide, high });
  });
}
