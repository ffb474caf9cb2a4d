// fuzz.mjs SERVICE N [SEED] [FIRST] -- N requests that a stranger could send to a
// service, made from its OpenAPI document: request I of a seed is always the same.
//
// Each must be answered without a status of 5xx but a 503 that says when to come
// again, and what was whole by an answer that the document has; the service must
// live, and its sanitizers have nothing to say.  Ends with a table of the
// statuses and the service's memory, and with status 1 after a finding.
import { readFileSync } from 'node:fs';
import { answers, sleep } from '../e2e/harness.mjs';
import { exchange, parse } from './answers.mjs';
import { Random } from './random.mjs';
import { Requests } from './requests.mjs';
import { service } from './services.mjs';

const [name, count = '10000', seed = '1', first = '0'] = process.argv.slice(2);
const AT_ONCE = 64, FINDINGS_MOST = 20;
const REPORT = /(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:/;
// By libmicrohttpd, before a request is one of ours.
const UNREAD = [400, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505];

const cleanup = [], t = { after: (f) => cleanup.push(f) };
const statuses = new Map(), findings = [];
let held = 0;

const megabytes = (pid, what) => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) >> 10;

function find(i, request, what) {
  findings.push(i);
  const text = request.bytes.toString('latin1');
  process.stdout.write(`request ${i}: ${what}\n${text.slice(0, 600)}${text.length > 600 ? `... (${text.length} bytes)` : ''}\n\n`);
}

// How it is sent: alone or behind another, at once or in pieces, whole or not.
function delivered(requests, i) {
  const r = new Random(Number(seed), i), request = requests.one(r);
  const way = { pieces: r.chance(0.05) ? r.one([2, 5, 40]) : 1, cut: false };
  const close = (q) => ({ ...q, bytes: Buffer.from(q.bytes.toString('latin1').replace(/\r?\n\r?\n/, '\r\nConnection: close$&'), 'latin1') });
  if (r.chance(0.05)) {
    const next = close(requests.one(r));
    return { request: { ...request, sound: false, bytes: Buffer.concat([request.bytes, next.bytes]) }, way };
  }
  if (r.chance(0.04)) {
    way.cut = true;
    return { request: { ...request, sound: false, bytes: request.bytes.subarray(0, r.below(request.bytes.length)) }, way };
  }
  return { request: close(request), way };
}

function judge(i, request, answer) {
  const { status, head, body } = answer;
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  if (!(status >= 100 && status <= 599)) find(i, request, `no status in ${head.slice(0, 100)}`);
  if (status === 503 && !/^retry-after: \d+/im.test(head) && !/^GET \/(api\/)?readyz/.test(request.bytes.toString('latin1'))) find(i, request, `503 without Retry-After: ${body}`);
  if (status >= 500 && status !== 503 && !(UNREAD.includes(status) && !request.sound)) find(i, request, `${status} ${body}`);
  if (request.sound && status < 500 && !request.operation.responses[status]) find(i, request, `${status} is not in the document: ${body}`);
}

async function ask(s, requests, i) {
  const { request, way } = delivered(requests, i);
  const got = parse(await exchange(s.port, request.bytes, way), request.method);
  if (got.length === 0) held++;
  for (const answer of got) judge(i, request, answer);
}

// Tells whether there is a report so far; looks at each byte once, or twice at a seam.
function watched(proc) {
  let seen = 0, found = false;
  return () => {
    found ||= REPORT.test(proc.err.slice(Math.max(0, seen - 64)));
    seen = proc.err.length;
    return found;
  };
}

// A service that is busy or has died is not told of here.
async function tend(s, over) {
  for (let looks = 1; !over(); looks++) {
    await sleep(500);
    try { await s.tend(looks); } catch { /* the next time */ }
  }
}

async function fuzz() {
  const s = await service(t, name);
  const requests = new Requests(s.document, s.known);
  const before = megabytes(s.pid, 'VmRSS'), begun = Date.now();
  const reported = watched(s.proc);
  let next = Number(first);
  const last = next + Number(count);
  const over = () => next >= last || findings.length >= FINDINGS_MOST || s.proc.code !== null || s.proc.signal !== null || reported();
  const tended = tend(s, over);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (!over()) await ask(s, requests, next++);
  }));
  await tended;
  const lives = await answers(`${s.url}/healthz`);
  const after = lives ? [megabytes(s.pid, 'VmRSS'), megabytes(s.pid, 'VmHWM')] : [];
  for (const f of cleanup.reverse()) {
    try { await f(); } catch { /* of a report, which is looked at below */ }
  }
  const report = REPORT.test(s.proc.err);
  if (report || !lives) process.stdout.write(`${s.proc.err.slice(-8000)}\n`);
  process.stdout.write(`${name}: ${next - Number(first)} requests of seed ${seed} in ${Math.round((Date.now() - begun) / 1000)} s; `
    + `${[...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`).join(', ')}, no answer: ${held}; `
    + `${before} MB before, ${after.join(' MB after, ')} MB at most; findings: ${findings.length}${report ? ', a report' : ''}${lives ? '' : ', it has died'}\n`);
  return findings.length || report || !lives ? 1 : 0;
}

process.exitCode = await fuzz();
