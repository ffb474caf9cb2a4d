// answers.mjs -- bytes to a service, and the answers that come back.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

// The answers in a stream of bytes: [{status, head, body}]; `method` is of the
// request of each.
export function parse(bytes, method) {
  const out = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) break;
    const head = bytes.subarray(at, end).toString('latin1');
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(`${head} `)?.[1] ?? NaN);
    const empty = status < 200 || status === 204 || status === 304 || method === 'HEAD';
    const length = empty ? 0 : /^content-length: *(\d+)/im.exec(head)?.[1];
    const stop = length === undefined ? bytes.length : end + 4 + Number(length);
    out.push({ status, head, body: bytes.subarray(end + 4, stop) });
    at = stop;
  }
  return out;
}

// Sends the bytes, in pieces if it is to be slow, and gives what comes back
// until the other side closes, the request is cut off after so many bytes, or
// patience ends.
export async function exchange(port, bytes, { pieces = 1, cut = false, patienceMs = 3000 } = {}) {
  const socket = connect(port, '127.0.0.1'), got = [];
  const over = new Promise((done) => {
    socket.on('data', (d) => got.push(d));
    socket.on('close', done);
    socket.on('error', () => {}); // 'close' comes after it
  });
  const patience = setTimeout(() => socket.destroy(), patienceMs);
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    socket.write(bytes.subarray(at, at + size));
    if (pieces > 1) await sleep(1);
  }
  if (cut) socket.end();
  await over;
  clearTimeout(patience);
  return Buffer.concat(got);
}
