// openapi.mjs -- a service's own OpenAPI document as a judge of its answers,
// and a memory of which of the answers it promises have been seen.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { call } from './harness.mjs';

const require = createRequire(new URL('../../web/', import.meta.url));
const Ajv = require('ajv/dist/2020.js').default;

const FORMATS = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  uri: (text) => URL.canParse(text),
};

// A list says enough with a few of its items.
const shortened = (json) => (typeof json !== 'object' || json === null || Array.isArray(json) ? json
  : Object.fromEntries(Object.entries(json).map(([k, v]) => [k, Array.isArray(v) ? v.slice(0, 3) : v])));

// OpenAPI keeps schemas in components, JSON Schema in $defs.
const moved = (schema) =>
  JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', 'components#/$defs/'));

export class OpenApi {
  constructor(url, document, token) {
    Object.assign(this, { url, document, token, seen: new Set(), examples: {} });
    // A member may be of a type or null; beside that ajv is as strict as it can be.
    this.ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true, formats: FORMATS });
    this.ajv.addSchema({ $id: 'components', $defs: moved(document.components.schemas) });
  }

  // Fails unless the value is one by the schema.
  check(schema, value, what) {
    const valid = this.ajv.compile(moved(schema));
    assert.ok(valid(value), `${what}: ${this.ajv.errorsText(valid.errors)} in ${JSON.stringify(value)}`);
  }

  // Every operation, as {method, path, operation}.
  operations() {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).filter(([, operation]) => operation.responses)
        .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })));
  }

  bodySchema(method, path) {
    return this.document.paths[path][method.toLowerCase()].requestBody?.content['application/json']?.schema;
  }

  // Asks at a path whose parameters `at` holds, and fails unless the answer is
  // one of those that the document has.
  async ask(method, path, { at = {}, query = {}, body, headers = {}, token = this.token, url = this.via ?? this.url } = {}) {
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(at[name]));
    const search = new URLSearchParams(query).toString();
    // The proxy closes a connection that rests for seconds, as the next request may
    // be on its way: each has its own.
    const close = url === this.via && { Connection: 'close' };
    const answer = await call(`${url}${filled}${search && `?${search}`}`, body,
      { method, headers: { ...(token && { Authorization: `Bearer ${token}` }), ...close, ...headers } });
    this.judge(method, path, body, answer);
    this.heed(answer, `${method} ${path} ${answer.status}`);
    return answer;
  }

  // What a proxy that knows the document (NEVOD_PRISM) says of an answer, and of
  // a request that was not refused.
  heed({ status, headers }, what) {
    const said = JSON.parse(headers.get('sl-violations') ?? '[]')
      .filter(({ location: [of] }) => of === 'response' || status < 400);
    assert.deepEqual(said, [], `${what} by the proxy`);
    if (this.via) this.heeded = (this.heeded ?? 0) + 1;
  }

  judge(method, path, body, { status, headers, text, json }) {
    const what = `${method} ${path} ${status}`;
    const response = this.document.paths[path][method.toLowerCase()].responses[status];
    assert.ok(response, `${what} is not in the document: ${text}`);
    this.seen.add(what);
    const type = (headers.get('content-type') ?? '').split(';')[0];
    const content = response.content?.[type] ?? response.content?.['*/*'];
    assert.equal(Boolean(content), text !== '', `${what} of type ${type} is not in the document`);
    if (/json$/.test(type)) {
      this.check(content.schema, json, what);
      this.examples[what] ??= shortened(json);
    }
    // What is taken must be a request by the document, too.
    const schema = this.bodySchema(method, path);
    if (schema && status < 300) this.check(schema, body ?? {}, `the body of ${what}`);
  }

  // The answers of the document that have not been seen.
  unseen() {
    return this.operations().flatMap(({ method, path, operation }) =>
      Object.keys(operation.responses).map((status) => `${method} ${path} ${status}`))
      .filter((what) => !this.seen.has(what));
  }
}
