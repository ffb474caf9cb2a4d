// layout.ts -- where a network's layers and edges go, by dagre.
import { graphlib, layout as place } from '@dagrejs/dagre';
import type { Layer } from './api';

export interface Layout {
  width: number;
  height: number;
  boxes: { layer: Layer; x: number; y: number }[]; // left, top
  edges: { from: number; to: number; path: string }[];
}

type Point = { x: number; y: number };

// Through the middles of the given points, with round corners.
function curve(points: Point[]): string {
  const [first, ...rest] = points as [Point, ...Point[]];
  let path = `M${first.x} ${first.y}`;
  rest.forEach((p, i) => {
    const next = rest[i + 1];
    path += next ? `Q${p.x} ${p.y} ${(p.x + next.x) / 2} ${(p.y + next.y) / 2}` : `L${p.x} ${p.y}`;
  });
  return path;
}

export function layout(layers: Layer[], wide: number, high: number): Layout {
  const g = new graphlib.Graph();
  g.setGraph({ rankdir: 'TB', ranksep: 34, nodesep: 26, edgesep: 14, marginx: 6, marginy: 6 });
  g.setDefaultEdgeLabel(() => ({}));
  for (const l of layers) g.setNode(String(l.number), { width: wide, height: high });
  for (const l of layers) for (const from of l.inputs) g.setEdge(String(from), String(l.number));
  place(g);
  const whole = g.graph();
  return {
    width: whole.width ?? 0,
    height: whole.height ?? 0,
    boxes: layers.map((layer) => {
      const n = g.node(String(layer.number));
      return { layer, x: n.x - wide / 2, y: n.y - high / 2 };
    }),
    edges: g.edges().map((e) => ({ from: Number(e.v), to: Number(e.w), path: curve(g.edge(e).points as Point[]) })),
  };
}
