// requests.mjs -- HTTP requests by a service's OpenAPI document, as bytes: some
// as the document has them, most with something wrong.
import { spoil, Values, WORDS } from './values.mjs';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'get', 'NONSENSE', ''];
const TYPES = ['application/json', 'application/json; charset=utf-8', 'application/merge-patch+json', 'text/plain', 'application/octet-stream',
  'multipart/form-data; boundary=x', '', 'application/'];
const PATHS = ['/', '//', '/..', '/v1', '/v1/', '/v1/../v1/runs', '/api/create_child', '/docs/..%2f..%2fetc%2fpasswd', '/%', '/%2', '/%zz',
  '/%00', '*', 'http://127.0.0.1/v1/runs', '/?', '/v1/runs?limit=1&limit=2', '/v1/runs#x', `/${'a'.repeat(5000)}`, '/v1/\u00ff'];
const LINES = [
  'Expect: 100-continue', 'Expect: nonsense', 'Range: bytes=0-1', 'Range: bytes=9-1,2', 'If-None-Match: *', 'Last-Event-ID: 3', 'Last-Event-ID: -1',
  'Idempotency-Key: one', `Idempotency-Key: ${'k'.repeat(300)}`, 'Authorization: Bearer x', 'Authorization: Basic eDp4', 'Accept-Encoding: gzip',
  'Origin: http://localhost', 'Origin: null', 'Cookie: a=b', 'Upgrade: websocket', 'X-A: \u00e9\u0001', 'X-B:', ': x', 'no colon', ' folded', 'TE: trailers',
  'Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999999999999999', 'Transfer-Encoding: gzip', 'Connection: upgrade',
  `X-Long: ${'y'.repeat(20000)}`, ...Array.from({ length: 3 }, () => Array.from({ length: 150 }, (_, i) => `X-${i}: ${i}`).join('\r\n')),
];

export class Requests {
  // `always` are header lines that every request has.
  constructor(document, known, always = []) {
    Object.assign(this, { document, known, always, values: new Values(document, known) });
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).filter(([, o]) => o.responses).map(([method, operation]) =>
        ({ method: method.toUpperCase(), path, operation, parameters: [...(methods.parameters ?? []), ...(operation.parameters ?? [])] })));
  }

  word(parameter, r) {
    if (r.chance(0.15)) return r.one(WORDS);
    const known = this.known[parameter.name];
    return String(known && r.chance(0.85) ? r.one(known) : this.values.of(parameter.schema, r, parameter.name));
  }

  target({ path, parameters }, r) {
    const named = (name) => parameters.map((p) => this.values.resolve(p)).find((p) => p.name === name) ?? { name };
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(this.word(named(name), r).toWellFormed()));
    const search = parameters.filter((p) => p.in === 'query' && r.chance(0.5))
      .map((p) => `${encodeURIComponent(p.name)}=${encodeURIComponent(this.word(p, r).toWellFormed())}`);
    return filled + (search.length ? `?${search.join('&')}` : '');
  }

  body({ operation }, r) {
    const content = operation.requestBody?.content;
    if (!content) return r.chance(0.05) ? { type: 'application/json', bytes: Buffer.from('{}') } : null;
    const [[type, { schema }]] = Object.entries(content);
    if (!type.endsWith('json')) return { type, bytes: Buffer.from(r.one(WORDS).repeat(r.one([0, 1, 50, 5000]))) };
    const value = this.values.of(schema, r);
    const text = JSON.stringify(r.chance(0.6) ? spoil(value, r) : value) ?? '';
    return { type, bytes: r.chance(0.12) ? damaged(Buffer.from(text), r) : Buffer.from(text) };
  }

  // One request: its bytes, and of whole ones whether every answer to it must be
  // one that the document has.
  one(r) {
    const operation = r.one(this.operations);
    const request = { ...operation, target: this.target(operation, r), lines: [...this.always], sound: true };
    const body = this.body(operation, r);
    // The documents say nothing of escapes, of parameters that are empty, or of
    // bodies where none is asked for.
    if (/%00|.\/(\/|\?|$)/.test(request.target) || (body && !operation.operation.requestBody)) request.sound = false;
    if (r.chance(0.04)) Object.assign(request, { method: r.one(METHODS), sound: false });
    if (r.chance(0.04)) Object.assign(request, { target: r.one(PATHS), sound: false });
    if (r.chance(0.03)) Object.assign(request, { target: `${request.target}${request.target.includes('?') ? '&' : '?'}surprise=1`, sound: false });
    if (r.chance(0.1)) {
      request.lines.push(r.one(LINES));
      request.sound = false;
    }
    if (body) request.lines.push(`Content-Type: ${r.chance(0.05) ? r.one(TYPES) : body.type}`);
    request.bytes = Buffer.concat([this.head(request, body, r), body ? framed(body.bytes, request) : Buffer.alloc(0)]);
    if (r.chance(0.03)) Object.assign(request, { bytes: damaged(request.bytes, r), sound: false });
    return request;
  }

  head(request, body, r) {
    const { method, target, lines } = request;
    request.chunks = body && r.chance(0.15) ? r.one([1, 7, 1000, 1e6]) : 0;
    if (r.chance(0.02)) Object.assign(request, { sound: false, host: r.one(['', 'evil.example', 'localhost:1:2', '[::1', 'a'.repeat(300)]) });
    const length = request.chunks ? 'Transfer-Encoding: chunked' : `Content-Length: ${body?.bytes.length ?? 0}`;
    return Buffer.from([`${method} ${target} HTTP/1.${r.chance(0.02) ? r.one([0, 2, 9]) : 1}`, `Host: ${request.host ?? 'localhost'}`,
      ...lines, ...(body || r.chance(0.1) ? [length] : []), '', ''].join(r.chance(0.01) ? '\n' : '\r\n'), 'latin1');
  }
}

// The body as the head says: whole, or in chunks of so many bytes.
function framed(bytes, { chunks }) {
  if (!chunks) return bytes;
  const out = [], most = Math.max(chunks, Math.ceil(bytes.length / 200));
  for (let at = 0; at < bytes.length; at += most) {
    const piece = bytes.subarray(at, at + most);
    out.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...out, Buffer.from('0\r\n\r\n')]);
}

// Bytes changed, cut out, put in or doubled.
function damaged(bytes, r) {
  const copy = Buffer.from(bytes), at = r.below(copy.length || 1), end = at + r.one([1, 2, 10, 100]);
  switch (r.below(4)) {
    case 0: if (copy.length) copy[at] = r.below(256); return copy;
    case 1: return Buffer.concat([copy.subarray(0, at), copy.subarray(end)]);
    case 2: return Buffer.concat([copy.subarray(0, at), Buffer.from([r.below(256), 0xff, 0, 0xc0]), copy.subarray(at)]);
    default: return Buffer.concat([copy.subarray(0, end), copy.subarray(at)]);
  }
}
