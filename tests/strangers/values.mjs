// values.mjs -- JSON values by a schema, and what a stranger makes of them.

const UNICODE = ['\u0000', '\u0085', '\u009b31m', '\u202e', '\u2028', '\ufeff', '\ud83d\ude00', 'e\u0301', '\uffff', '\\', '"', '\u007f'];
export const WORDS = ['', 'x', '0', '-1', '1e999', 'NaN', 'null', 'true', '../../etc/passwd', "' OR 1=1 --", '%00', '%s%n', '${x}', ...UNICODE];
const NUMBERS = [0, -0, 1, -1, 0.5, 1e-320, 1e308, -1e308, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 9223372036854775807, 65536, 256];

const deep = (n, list) => { let v = 0; for (let i = 0; i < n; i++) v = list ? [v] : { a: v }; return v; };

// Anything at all.
export function anything(r, depth = 0) {
  switch (r.below(depth > 3 ? 5 : 9)) {
    case 0: return null;
    case 1: return r.chance(0.5);
    case 2: return r.one(NUMBERS);
    case 3: return r.one(WORDS);
    case 4: return r.one(WORDS).repeat(r.one([2, 2, 70, 70, 1100, r.chance(0.1) ? 70000 : 3]));
    case 5: return Array.from({ length: r.one([0, 1, 2, 33, 300]) }, () => anything(r, depth + 2));
    case 6: return Object.fromEntries(Array.from({ length: r.below(5) }, () => [r.one(WORDS), anything(r, depth + 1)]));
    case 7: return deep(r.one([5, 31, 33, 200]), r.chance(0.5));
    default: return Array(r.chance(0.1) ? 20000 : 500).fill(r.one([0, '', []]));
  }
}

// Values of requests by the schemas of one document; `known` names values for
// members and parameters that mean something to the service.
export class Values {
  constructor(document, known) {
    Object.assign(this, { schemas: document.components.schemas, known });
  }

  resolve(schema) {
    while (schema?.$ref) schema = { ...this.schemas[schema.$ref.split('/').pop()], ...schema, $ref: undefined };
    return schema ?? {};
  }

  // One that the schema allows, more or less.
  of(given, r, name = '', depth = 0) {
    const schema = this.resolve(given);
    if (this.known[name] && r.chance(0.8)) return r.one(this.known[name]);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return r.one(schema.enum);
    if (schema.examples && r.chance(0.5)) return structuredClone(r.one(schema.examples));
    if (schema.default !== undefined && r.chance(0.3)) return schema.default;
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices) return this.of(r.one(choices), r, name, depth);
    if (schema.allOf) return Object.assign({}, ...schema.allOf.map((s) => this.of(s, r, name, depth)));
    return this.ofType(schema, r, name, depth);
  }

  ofType(schema, r, name, depth) {
    const type = Array.isArray(schema.type) ? r.one(schema.type) : schema.type;
    const low = schema.minimum ?? schema.exclusiveMinimum ?? 0, high = schema.maximum ?? low + 100;
    switch (type) {
      case 'integer': return Math.floor(low + r.real() * (Math.min(high, low + r.one([3, 3, 50, 1e9])) - low));
      case 'number': return low + r.real() * (high - low);
      case 'boolean': return r.chance(0.5);
      case 'null': return null;
      case 'string': return r.one(['tiny', 'abc', 'x'.repeat(schema.minLength ?? 1)]);
      case 'array': return this.list(schema, r, name, depth);
      default: return schema.properties || type === 'object' ? this.object(schema, r, depth) : anything(r, depth);
    }
  }

  list(schema, r, name, depth) {
    const low = schema.minItems ?? 0, most = depth > 4 ? low : low + r.one([0, 1, 2, 5]);
    return Array.from({ length: Math.min(most, schema.maxItems ?? most) }, () => this.of(schema.items, r, name, depth + 1));
  }

  object(schema, r, depth) {
    const required = schema.required ?? [], out = {};
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (required.includes(name) || (depth < 6 && r.chance(0.25))) out[name] = this.of(member, r, name, depth + 1);
    }
    return out;
  }
}

// Every place within a value: [its holder, its key].
function places(value, out = []) {
  if (typeof value !== 'object' || value === null) return out;
  for (const key of Object.keys(value).slice(0, 50)) {
    out.push([value, key]);
    places(value[key], out);
  }
  return out;
}

// Changes a value at a place or a few.
export function spoil(value, r) {
  const root = { value };
  for (let n = r.one([1, 1, 2, 4]); n > 0; n--) {
    const [holder, key] = r.one(places(root));
    const other = r.one(places(root));
    switch (r.below(6)) {
      case 0: delete holder[key]; break;
      case 1: holder[r.one(WORDS)] = anything(r); break;
      case 2: holder[key] = other[0] === holder ? anything(r) : structuredClone(other[0][other[1]]); break;
      default: holder[key] = anything(r);
    }
    if (!('value' in root)) root.value = null;
  }
  return root.value;
}
