// plan.report.ts -- the same in a report, which is a single file and has no
// worker: the build puts it in the place of plan.ts.
import type { Layer } from './api';
import { layout, type Layout } from './layout';

export const plan = async (layers: Layer[], wide: number, high: number, signal: AbortSignal): Promise<Layout> => {
  void signal;
  return layout(layers, wide, high);
};
