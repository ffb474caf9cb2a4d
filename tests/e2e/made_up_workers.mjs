// made_up_workers.mjs -- workers that no nevod would be: one that lies, one that
// refuses. Each joins a broker by itself, and leaves when it is closed.
import { createServer } from 'node:http';
import { call, VERSION } from './harness.mjs';

const BEAT_MS = 3000;

// Listens, and tells the broker every three seconds that it is there.
async function joined(broker, id, answer) {
  const server = createServer(answer);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`, place = `${broker}/v1/workers/${id}`;
  const beat = () => call(place, { url }, { method: 'PUT' }).catch(() => {});
  await beat();
  const beating = setInterval(beat, BEAT_MS);
  const close = async () => {
    clearInterval(beating);
    await call(place, undefined, { method: 'DELETE' }).catch(() => {});
    server.close();
    server.closeAllConnections();
  };
  return { url, close };
}

// In front of an honest one, which nobody else may call: its reports have all
// that was counted the other way round.
export const liar = (broker, honest, id = 'liar') => joined(broker, id, async (q, r) => {
  const chunks = [];
  try {
    for await (const chunk of q) chunks.push(chunk);
    const body = q.method === 'GET' ? undefined : Buffer.concat(chunks);
    const headers = body && { 'Content-Type': q.headers['content-type'] ?? 'application/json' };
    const answer = await fetch(honest + q.url, { method: q.method, body, headers });
    let bytes = Buffer.from(await answer.arrayBuffer());
    if (q.url === '/v1/exchange' && answer.ok) {
      const report = JSON.parse(bytes);
      for (const { result } of report.jobs.filter(({ result }) => result && !result.failure)) {
        result.correct = result.total - result.correct;
        result.fitness = result.correct / result.total;
      }
      bytes = Buffer.from(JSON.stringify(report));
    }
    r.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') });
    r.end(bytes);
  } catch {
    r.destroy();
  }
});

// One that is there and has no job of anybody's.
export const refuser = (broker, kernels, id = 'refuser') => joined(broker, id, (q, r) => {
  const info = { slots: 1, free: 1, kernels: [kernels], cpu: 'none', version: VERSION, datasets: [] };
  r.writeHead(q.url === '/v1/info' ? 200 : 422, { 'Content-Type': 'application/json' });
  r.end(JSON.stringify(q.url === '/v1/info' ? info : { error: 'not me' }));
});
