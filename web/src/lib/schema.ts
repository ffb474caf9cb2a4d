// schema.ts -- the settings of a run as a form's fields, from the OpenAPI
// document.
import { ask } from './api';

export interface Field {
  path: string[]; // ["neat", "threshold"]
  kind: 'text' | 'whole' | 'number' | 'yes' | 'choice' | 'several' | 'range';
  help: string;
  standard: string; // what holds where nothing is given
  choices: string[];
  lo?: number;
  hi?: number;
}

interface Schema {
  type?: string | string[];
  enum?: (string | null)[];
  items?: Schema;
  properties?: Record<string, Schema>;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
}

// As much of it as is looked at.
interface Document {
  paths: { '/v1/runs': { post: { requestBody: { content: { 'application/json': { schema: Schema } } } } } };
}

const types = (s: Schema) => [s.type ?? []].flat();

function kindOf(s: Schema): Field['kind'] | undefined {
  const t = types(s);
  if (s.enum) return 'choice';
  if (t.includes('array')) return s.items?.enum ? 'several' : s.items?.type === 'integer' || s.items?.type === 'number' ? 'range' : undefined;
  if (t.includes('boolean')) return 'yes';
  if (t.includes('integer')) return 'whole';
  if (t.includes('number')) return 'number';
  return t.includes('string') ? 'text' : undefined;
}

const standardOf = (s: Schema) =>
  s.default === undefined || s.default === null ? ''
    : Array.isArray(s.default) ? s.default.join(kindOf(s) === 'range' ? ' to ' : ', ')
      : s.default === true ? 'yes' : s.default === false ? 'no' : String(s.default);

// Each that a form can show; objects become groups of theirs.
function fieldsOf(s: Schema, path: string[]): Field[] {
  return Object.entries(s.properties ?? {}).flatMap(([name, member]) => {
    const at = [...path, name], kind = kindOf(member);
    if (types(member).includes('object')) return name === 'fork' ? [] : fieldsOf(member, at);
    if (!kind) return [];
    const of = kind === 'range' ? member.items! : member;
    return [{
      path: at, kind, help: member.description ?? '', standard: standardOf(member),
      choices: ((kind === 'several' ? member.items!.enum : member.enum) ?? []).filter((c) => c !== null) as string[],
      lo: of.minimum, hi: of.maximum,
    }];
  });
}

export async function settingFields(signal: AbortSignal): Promise<Field[]> {
  const document = await ask<Document>('openapi.json', { signal });
  return fieldsOf(document.paths['/v1/runs'].post.requestBody.content['application/json'].schema, []);
}

export type Given = Record<string, string | string[]>;

function valueOf(f: Field, given: string | string[]): unknown {
  if (f.kind === 'several') return given;
  const text = String(given).trim();
  if (f.kind === 'yes') return text === 'yes';
  if (f.kind === 'range') return text.split(/\s*(?:to|\.\.|,|–|-)\s*/).map(Number);
  return f.kind === 'whole' || f.kind === 'number' ? Number(text) : text;
}

// The request's body: only what was given.
export function settingsOf(fields: Field[], given: Given): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const f of fields) {
    const text = given[f.path.join('.')];
    if (text === undefined || text.length === 0) continue;
    let at = body;
    for (const name of f.path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
    at[f.path.at(-1)!] = valueOf(f, text);
  }
  return body;
}
