// recorder.mjs -- proxies between evolutioner and broker that write down what
// passes: results, and which of them the broker has acknowledged.
//
// By HTTP a broker acknowledges a result when its orders tell the worker to forget
// the job; by a queue, when it acknowledges the message.
import { EventEmitter } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { atEnd } from './harness.mjs';

// RFC 8785, which is how a store keeps a document.
export function canonical(v) {
  if (Array.isArray(v)) return `[${v.map(canonical).join(',')}]`;
  if (v === null || typeof v !== 'object') return JSON.stringify(v);
  return `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`).join(',')}}`;
}

const add = (map, id, text) => map.set(id, (map.get(id) ?? new Set()).add(text));

// The texts of results by the ids of their jobs.  Says "result" and "acknowledged"
// as they pass, each with id and text.
export class Record extends EventEmitter {
  passed = new Map();
  acknowledged = new Map();

  result(document) {
    const text = canonical(document);
    add(this.passed, document.id, text);
    this.emit('result', document.id, text);
    return { id: document.id, text };
  }

  acknowledge({ id, text }) {
    add(this.acknowledged, id, text);
    this.emit('acknowledged', id, text);
  }
}

const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));

// -- HTTP --

function documentOf(chunks) {
  try {
    return JSON.parse(Buffer.concat(chunks));
  } catch {
    return {}; // cut off
  }
}

const PULLED = /^\/v1\/workers\/[^/]+\/exchange$/;

// What one worker and its broker say to each other.
class Exchange {
  constructor(record) {
    Object.assign(this, { record, told: new Map() });
  }

  report({ jobs = [] }) {
    for (const { id, result } of jobs) if (result) this.told.set(id, this.record.result(result));
  }

  orders({ forget = [] }) {
    for (const id of forget) {
      if (this.told.has(id)) this.record.acknowledge(this.told.get(id));
      this.told.delete(id);
    }
  }

  // Orders are a request and the report its answer, or the other way round.  A
  // request has passed whether or not its answer comes.
  asked(url, question) {
    if (PULLED.test(url)) this.report(documentOf(question));
  }

  heard(url, question, status, answer) {
    if (status !== 200) return;
    if (PULLED.test(url)) {
      this.orders(documentOf(answer));
    } else if (url === '/v1/exchange') {
      this.orders(documentOf(question));
      this.report(documentOf(answer));
    }
  }
}

// In front of the server at that port, for one worker: its URL.
export async function httpRecorder(t, record, port) {
  const exchange = new Exchange(record);
  const server = createHttpServer((q, r) => {
    const question = [], answer = [];
    const further = request({ host: '127.0.0.1', port, path: q.url, method: q.method, headers: q.headers }, (a) => {
      r.writeHead(a.statusCode, a.headers);
      a.on('data', (d) => answer.push(d));
      a.on('end', () => exchange.heard(q.url, question, a.statusCode, answer));
      a.on('error', () => r.destroy());
      a.pipe(r);
    });
    q.on('data', (d) => question.push(d));
    q.on('end', () => exchange.asked(q.url, question));
    q.pipe(further);
    further.on('error', () => r.destroy());
    r.on('close', () => r.writableFinished || further.destroy());
  });
  atEnd(t, () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

// -- NATS --

const END = Buffer.from('\r\n');
// Of each operation with a payload, where its sizes stand from the end.
const SIZES = { MSG: 1, PUB: 1, HMSG: 2, HPUB: 2 };

// The operations of one direction, as they come in pieces; each is told with its
// words and its payload.
class Operations {
  constructor(tell) {
    Object.assign(this, { tell, rest: Buffer.alloc(0) });
  }

  push(chunk) {
    this.rest = Buffer.concat([this.rest, chunk]);
    while (this.one());
  }

  one() {
    const end = this.rest.indexOf(END);
    if (end < 0) return false;
    const [name, ...words] = this.rest.toString('latin1', 0, end).trim().split(/\s+/), op = name.toUpperCase();
    const sizes = SIZES[op] ? words.splice(-SIZES[op]).map(Number) : [];
    const from = end + END.length, total = sizes.length ? sizes.at(-1) + END.length : 0;
    if (this.rest.length < from + total) return false;
    const headers = sizes.length === 2 ? sizes[0] : 0;
    this.tell(op, words, this.rest.subarray(from + headers, from + total - (total ? END.length : 0)));
    this.rest = this.rest.subarray(from + total);
    return true;
  }
}

const RECEIPT = '$JS.ACK.RESULTS.';

// In front of a server at that port, for a broker: a port.
export async function natsRecorder(t, record, port) {
  const delivered = new Map(), sockets = new Set();
  const fromServer = (op, [, , receipt = ''], payload) => {
    if (!receipt.startsWith(RECEIPT)) return;
    delivered.set(receipt, record.result(JSON.parse(payload).status.result));
  };
  const fromBroker = (op, [subject = ''], payload) => {
    if (op.endsWith('PUB') && subject.startsWith(RECEIPT) && payload.toString() === '+ACK') {
      record.acknowledge(delivered.get(subject));
    }
  };
  const server = createServer((here) => {
    const there = connect(port, '127.0.0.1');
    sockets.add(there).add(here);
    for (const [a, b, tell] of [[here, there, fromBroker], [there, here, fromServer]]) {
      const operations = new Operations(tell);
      a.on('data', (d) => operations.push(d));
      a.on('error', () => b.destroy());
      a.on('close', () => sockets.delete(a) && b.destroy());
      a.pipe(b);
    }
  });
  atEnd(t, () => {
    server.close();
    sockets.forEach((s) => s.destroy());
  });
  return listening(server);
}
