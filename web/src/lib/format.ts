// format.ts -- numbers and times as people read them.
export const NOTHING = '–';

type Maybe = number | null | undefined;

export const percent = (x: Maybe, digits = 2) => (x == null ? NOTHING : `${(x * 100).toFixed(digits)}%`);

// A difference of two fractions, in percentage points.
export const points = (x: Maybe) =>
  x == null ? NOTHING : `${x < 0 ? '−' : '+'}${Math.abs(x * 100).toFixed(2)}`;

export const whole = (n: Maybe) => (n == null ? NOTHING : Math.round(n).toLocaleString('en'));

const UNITS: [number, string][] = [[1e15, ' P'], [1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1e3, ' k']];

// 3362058 as "3.36 M".
export function short(n: Maybe): string {
  if (n == null) return NOTHING;
  const [size, unit] = UNITS.find(([s]) => Math.abs(n) >= s) ?? [1, ''];
  const x = n / size;
  if (size === 1) return Number.isInteger(x) ? String(x) : x.toPrecision(3);
  return `${x >= 100 ? x.toFixed(0) : x.toPrecision(3)}${unit}`;
}

export function bytes(n: Maybe): string {
  return n == null ? NOTHING : `${short(n)}B`;
}

// Seconds as "8.4 s", "3 min 12 s", "2 h 5 min", "3 d 4 h".
export function duration(s: Maybe): string {
  if (s == null) return NOTHING;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 59.5) return `${Math.round(s)} s`;
  const all = Math.round(s);
  const [d, h, m] = [Math.floor(all / 86400), Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60];
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${m} min`;
  return `${m} min ${all % 60} s`;
}

export function ago(time: string | null | undefined, now: number): string {
  if (!time) return NOTHING;
  const s = Math.max(0, (now - Date.parse(time)) / 1000);
  if (s < 5) return 'now';
  if (s < 60) return `${Math.floor(s)} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return new Date(time).toLocaleDateString('en', { year: 'numeric', month: 'short', day: 'numeric' });
}

export const clock = (ms: number) => new Date(ms).toLocaleTimeString('en', { hour12: false });

export const plural = (n: number, one: string, many = `${one}s`) => `${whole(n)} ${n === 1 ? one : many}`;

// A value of a run's settings.
export function setting(v: unknown): string {
  if (v === null || v === undefined) return NOTHING;
  if (Array.isArray(v)) return v.every((x) => typeof x === 'number') && v.length === 2 ? `${v[0]} to ${v[1]}` : v.join(', ');
  if (typeof v === 'object') return JSON.stringify(v);
  return String(v);
}
