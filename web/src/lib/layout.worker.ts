// layout.worker.ts -- lays networks out off the page's own thread: a large one
// takes dagre a second or more.
import type { Layer } from './api';
import { layout } from './layout';

self.onmessage = ({ data }: MessageEvent<{ layers: Layer[]; wide: number; high: number }>) => {
  self.postMessage(layout(data.layers, data.wide, data.high));
};
