// forest.ts -- how much each column of a table tells of an outcome: a forest of
// regression trees (Breiman 2001), each column shuffled in turn.
//
// A random half of the rows grows a forest, the other half judges it: what its
// error gains when a column is shuffled among them is what the column was worth.
// That is done ROUNDS times, so it is known how much of it is chance.

export interface Column {
  values: Float64Array; // NaN where a row has none
  choice: boolean; // values are names: equal or not, without an order
}

export interface Importance {
  mean: number; // share of the outcome's variance that is lost without the column
  low: number; // the middle 90% of the rounds
  high: number;
}

export interface Verdict {
  columns: Importance[];
  explained: Importance; // by all columns together
}

const ROUNDS = 20, TREES = 12, DEPTH = 8, LEAF = 5, CUTS = 6;

// Small and well mixed: the same table gives the same verdict (mulberry32).
export function numbers(seed: number) {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffle<T extends { [i: number]: number; length: number }>(list: T, random: () => number): T {
  for (let i = list.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1)), x = list[i]!;
    list[i] = list[k]!;
    list[k] = x;
  }
  return list;
}

interface Node {
  value: number;
  column: number; // -1: a leaf
  at: number; // left: below or equal; of a choice: equal; NaN goes right
  left?: Node;
  right?: Node;
}

const goesLeft = (c: Column, row: number, at: number) => (c.choice ? c.values[row] === at : c.values[row]! <= at);

const sumOf = (y: Float64Array, rows: number[]) => {
  let sum = 0;
  for (const r of rows) sum += y[r]!;
  return sum;
};

// Cuts are drawn and not searched for (Geurts 2006), which is faster and no worse.
function drawCut(c: Column, rows: number[], random: () => number): number {
  const any = () => c.values[rows[Math.floor(random() * rows.length)]!]!;
  return c.choice ? any() : (any() + any()) / 2;
}

// By how much the squared error falls: -1 where a side has too few rows.
function gainOf(c: Column, at: number, y: Float64Array, rows: number[], all: number): number {
  let sum = 0, n = 0;
  for (const r of rows) {
    if (goesLeft(c, r, at)) { sum += y[r]!; n++; }
  }
  const rest = rows.length - n;
  return n < LEAF || rest < LEAF ? -1 : (sum * sum) / n + ((all - sum) * (all - sum)) / rest - (all * all) / rows.length;
}

function bestCut(columns: Column[], y: Float64Array, rows: number[], all: number, random: () => number) {
  const some = shuffle(columns.map((_, i) => i), random).slice(0, Math.ceil(columns.length / 3));
  const best = { column: -1, at: 0, gain: 1e-12 };
  for (const column of some) {
    for (let k = 0; k < CUTS; k++) {
      const at = drawCut(columns[column]!, rows, random), gain = gainOf(columns[column]!, at, y, rows, all);
      if (gain > best.gain) Object.assign(best, { column, at, gain });
    }
  }
  return best;
}

function grow(columns: Column[], y: Float64Array, rows: number[], depth: number, random: () => number): Node {
  const all = sumOf(y, rows), value = all / rows.length;
  const { column, at } = depth > 0 && rows.length >= 2 * LEAF ? bestCut(columns, y, rows, all, random) : { column: -1, at: 0 };
  if (column < 0) return { value, column, at };
  const c = columns[column]!, side = (left: boolean) =>
    grow(columns, y, rows.filter((r) => goesLeft(c, r, at) === left), depth - 1, random);
  return { value, column, at, left: side(true), right: side(false) };
}

const uses = (t: Node, column: number): boolean =>
  t.column >= 0 && (t.column === column || uses(t.left!, column) || uses(t.right!, column));

// What a tree says of a row whose value in one column is another row's.
function answer(t: Node, columns: Column[], row: number, column: number, other: number): number {
  while (t.column >= 0) t = goesLeft(columns[t.column]!, t.column === column ? other : row, t.at) ? t.left! : t.right!;
  return t.value;
}

function oneRound(columns: Column[], y: Float64Array, random: () => number) {
  const rows = shuffle(Array.from(y, (_, i) => i), random), half = rows.length >> 1;
  const learn = rows.slice(0, half), judge = rows.slice(half);
  const trees = Array.from({ length: TREES }, () =>
    grow(columns, y, learn.map(() => learn[Math.floor(random() * half)]!), DEPTH, random));
  const said = trees.map((t) => judge.map((r) => answer(t, columns, r, -1, r)));
  const middle = sumOf(y, judge) / judge.length;
  const spread = judge.reduce((sum, r) => sum + (y[r]! - middle) ** 2, 0) || 1;
  const error = (all: number[][]) =>
    judge.reduce((sum, r, i) => sum + (y[r]! - all.reduce((s, one) => s + one[i]!, 0) / TREES) ** 2, 0) / spread;
  const whole = error(said);
  const without = (k: number) => {
    const other = shuffle([...judge], random);
    return error(trees.map((t, n) => (uses(t, k) ? judge.map((r, i) => answer(t, columns, r, k, other[i]!)) : said[n]!)));
  };
  return { explained: 1 - whole, lost: columns.map((_, k) => without(k) - whole) };
}

function summary(found: number[]): Importance {
  const sorted = [...found].sort((a, b) => a - b), at = (q: number) => sorted[Math.round(q * (sorted.length - 1))]!;
  return { mean: found.reduce((a, b) => a + b, 0) / found.length, low: at(0.05), high: at(0.95) };
}

export function importance(columns: Column[], y: Float64Array, seed = 1): Verdict {
  const random = numbers(seed);
  const rounds = Array.from({ length: ROUNDS }, () => oneRound(columns, y, random));
  return { columns: columns.map((_, k) => summary(rounds.map((r) => r.lost[k]!))), explained: summary(rounds.map((r) => r.explained)) };
}
