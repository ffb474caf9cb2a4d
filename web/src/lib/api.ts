// api.ts -- requests to the broker, and its documents by their names.
import type { components } from '../../generated/broker';
import { session } from './session.svelte';

type Schemas = components['schemas'];
export type Run = Schemas['Run'];
export type RunPage = Schemas['RunPage'];
export type Generation = Schemas['Generation'];
export type GenomeItem = Schemas['GenomeItem'];
export type GenomeDetail = Schemas['GenomeDetail'];
export type GenomeListed = Schemas['GenomeListed'];
export type GenomeListPage = Schemas['GenomeListPage'];
export type GenomePage = Schemas['GenomePage'];
export type Layers = Schemas['Layers'];
export type Layer = Schemas['Layer'];
export type Genes = Schemas['Genes'];
export type Points = Schemas['Points'];
export type Front = Schemas['ParetoFront'];
export type Champion = Schemas['Champion'];
export type Classification = Schemas['Classification'];
export type Worker = Schemas['Worker'];
export type Dataset = Schemas['Dataset'];
export type SpeciesItem = Schemas['SpeciesItem'];
export type Result = Schemas['Result'];
export type Epoch = Result['epochs'][number];

// What the broker refuses, in its own sentence.
export class Refusal extends Error {
  constructor(message: string, readonly status: number, readonly pointer?: string) {
    super(message);
  }
}

const ROWS = 500; // of a page

export type Query = Record<string, string | number | undefined>;

export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, v]) => v !== undefined && v !== '');
  const search = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString();
  return search ? `${path}?${search}` : path;
}

const sentence = (text: string) => {
  try {
    const { error, detail, pointer } = JSON.parse(text);
    return { message: error ?? detail, pointer };
  } catch {
    return { message: undefined, pointer: undefined };
  }
};

interface Request {
  method?: string;
  body?: unknown;
  bytes?: Blob; // in place of a body
  query?: Query;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

// Sends a request; fails with a Refusal, or as fetch does when nobody answers.
export async function send(path: string, { method, body, bytes, query, headers, signal }: Request = {}): Promise<Response> {
  const given: Record<string, string> = { ...headers };
  if (session.token) given.Authorization = `Bearer ${session.token}`;
  if (body !== undefined) given['Content-Type'] = 'application/json';
  if (bytes) given['Content-Type'] = 'application/octet-stream';
  let answer: Response;
  try {
    answer = await fetch(address(path, query), {
      method: method ?? (body === undefined && !bytes ? 'GET' : 'POST'),
      headers: given,
      body: bytes ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal,
    });
  } catch (e) {
    if (!signal?.aborted) session.away = true;
    throw e;
  }
  session.answered();
  if (answer.ok) return answer;
  if (answer.status === 401) session.denied = true;
  const { message, pointer } = sentence(await answer.text());
  throw new Refusal(message ?? `the broker answered ${answer.status}`, answer.status, pointer);
}

export const ask = async <T>(path: string, request?: Request): Promise<T> => (await send(path, request)).json();

// All items of a list, page by page.
export async function all<T>(path: string, signal?: AbortSignal, query: Query = {}, told?: (rows: number) => void): Promise<T[]> {
  const items: T[] = [];
  let after = query.after;
  do {
    const page: { items: T[]; next: number | null } = await ask(path, { signal, query: { limit: ROWS, ...query, after } });
    items.push(...page.items);
    told?.(items.length);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
}

// All rows of a list as text, page by page: CSV, of which only the first page's
// head stays.  The id of a row is its first value.
export async function allRows(path: string, query: Query, signal: AbortSignal, told: (rows: number) => void, limit = ROWS): Promise<Blob> {
  const pieces: string[] = [];
  let after: string | undefined, rows = 0, more = true;
  while (more) {
    const text = await (await send(path, { query: { ...query, limit, after }, headers: { Accept: 'text/csv' }, signal })).text();
    const lines = text.trimEnd().split('\r\n'), [head, ...body] = lines;
    if (!after && head) pieces.push(`${head}\r\n`);
    for (const line of body) pieces.push(`${line}\r\n`);
    rows += body.length;
    told(rows);
    more = body.length === limit;
    after = body.at(-1)?.split(',')[0];
  }
  return new Blob(pieces, { type: 'text/csv' });
}

export function save(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob);
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// Saves an answer as a file; a link could not send the token.
export async function download(path: string, name: string, query?: Query, headers?: Record<string, string>) {
  save(await (await send(path, { query, headers })).blob(), name);
}
