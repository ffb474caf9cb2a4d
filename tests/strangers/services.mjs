// services.mjs -- a service to be fuzzed, with a run and a data set to ask for.
import { setPriority } from 'node:os';
import { join } from 'node:path';
import {
  answers, call, createRun, descendants, finishedRun, freePort, SMALL_NETWORKS, start, tempDir, tinyDataset, until,
} from '../e2e/harness.mjs';

const NOBODY = '00000000-0000-4000-8000-000000000000';

async function serve(t, words, path = '/healthz') {
  const port = await freePort();
  const proc = start(t, [...words, '--port', String(port)]);
  const url = `http://127.0.0.1:${port}`;
  await until(`${words[0]} to answer`, () => {
    if (proc.code !== null) throw new Error(proc.err);
    return answers(`${url}${path}`);
  }, 120);
  return { port, proc, url };
}

// What values of a request's members and parameters mean something.
const common = (dataset) => ({
  uuid: [NOBODY], dataset: [dataset, 'fashion-mnist', 'nope'], id: ['0', '1', '7'], limit: [1, 2, 200], after: ['0', '1', 'x'],
  sha256: ['0'.repeat(64)], hash: ['0'.repeat(64)], epochs: [1], generations: [1, 2], population: [2, 4], wait_s: [0], wait_ms: [0],
  train_limit: [0, 20], num_poblation: [1, 3], size: [1, 4], seed: [0, 1, 7], final_epochs: [1], max_job_mb: [16, 64], px_h: [12], px_w: [12],
  num_channels: [1], num_classes: [4], batch_size: [16], file: ['swagger-ui.css', 'x'],
});

async function genome(t, dataset) {
  return { ...await serve(t, ['genome']), known: common(dataset) };
}

async function evolutioner(t, dataset, dir) {
  const service = await serve(t, ['evolutioner', '--slots', '2', '--data-dir', join(dir, 'e')]);
  const info = await call(`${service.url}/v1/info`);
  const ids = [0, 1, 2].map((n) => `${NOBODY}/0/${n}/0/0`);
  const known = { ...common(dataset), id: ids, kernels: info.json.kernels, wait_s: [0, 1] };
  return { ...service, known, tend: (looks) => yieldTo(service, looks) };
}

// What is trained comes after what is answered, and ends, so that the next one
// has a slot: two trainings without end would be all that the machine does.
const LOOKS_A_JOB = 10;
async function yieldTo({ url, proc }, looks) {
  for (const pid of descendants(proc.child.pid, 'train-job')) {
    try { setPriority(pid, 19); } catch { /* it has just ended */ }
  }
  if (looks % LOOKS_A_JOB) return;
  const { json } = await call(`${url}/v1/info`);
  await Promise.all((json?.jobs ?? []).map((id) => call(`${url}/v1/jobs/${encodeURIComponent(id)}`, undefined, { method: 'DELETE' })));
}

// With a run that has ended, whose other services are gone.
async function broker(t, dataset, dir) {
  const ended = [], others = { after: (f) => ended.push(f) };
  const g = await serve(others, ['genome']);
  const e = await serve(others, ['evolutioner', '--slots', '2', '--data-dir', join(dir, 'e')]);
  const service = await serve(t, ['broker', '--data-dir', join(dir, 'b'), '--genome', g.url, '--evolutioner', e.url], '/readyz');
  const uuid = await createRun({ broker: service.url }, {
    dataset, population: 4, generations: 2, epochs: 1, train_limit: 0, final_epochs: 1, seed: 3, ...SMALL_NETWORKS });
  await finishedRun({ broker: service.url }, uuid);
  for (const f of ended.reverse()) await f();
  const { json: run } = await call(`${service.url}/v1/runs/${uuid}`);
  const { json: champion } = await call(`${service.url}/v1/runs/${uuid}/champion`);
  const { json: sets } = await call(`${service.url}/v1/datasets`);
  const known = {
    ...common(dataset), uuid: [uuid, uuid, uuid, NOBODY], model_id: [0, '1'], second_model_id: [1], sha256: [champion.weights.sha256],
    hash: [run.settings.dataset_hash ?? '0'.repeat(64), ...sets.items.map((s) => s.hash).filter(Boolean)], id: ['0', '1', '5', 'w1'], kernels: [run.kernels],
    job: [`${uuid}/0/1/0/0`],
  };
  return { ...service, known };
}

// The service of that name: its port, process id, document and values, and what
// `tend`, called with 1, 2, ... twice a second, does meanwhile.
export async function service(t, name) {
  const dir = tempDir(t), dataset = tinyDataset(join(dir, 'tiny'));
  const s = await { genome, evolutioner, broker }[name](t, dataset, dir);
  const { json: document } = await call(`${s.url}/openapi.json`);
  return { tend: () => {}, ...s, name, document, pid: s.proc.child.pid };
}
