// forest.worker.ts -- the forest off the page's own thread, which stays free.
import { importance, type Column } from './forest';

self.onmessage = ({ data }: MessageEvent<{ columns: Column[]; outcome: Float64Array }>) => {
  self.postMessage(importance(data.columns, data.outcome));
};
