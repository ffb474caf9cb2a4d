// on_queue.mjs -- a broker and workers between which a queue stands.
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, SMALL_NETWORKS, start, tempDir, until, up,
} from './harness.mjs';

export const SETTINGS = {
  population: 6, generations: 4, epochs: 20, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2', ...SMALL_NETWORKS,
};

// A genome service, and ways to start a broker and workers on the queue.
export async function place(t, queue, { brokerUrl = queue.url, workerUrl = queue.url, ca, extra = [] } = {}) {
  const trust = ca ? ['--ca-file', ca] : [];
  const [genome, port] = [await freePort(), await freePort()];
  const dataDir = tempDir(t);
  const broker = `http://127.0.0.1:${port}`;
  start(t, ['genome', '--port', String(genome)]);
  return {
    broker,
    startBroker: async () => {
      const process = start(t, ['broker', '--data-dir', dataDir, '--queue', brokerUrl, '--ack-wait-ms', '3000', ...trust,
        '--port', String(port), '--genome', `http://127.0.0.1:${genome}`, ...extra]);
      await until('the broker to be there', () => answers(`${broker}/healthz`));
      return process;
    },
    startWorker: async (slots = 1) => start(t, ['evolutioner', '--port', String(await freePort()), '--data-dir', tempDir(t),
      '--slots', String(slots), '--queue', workerUrl, '--broker', broker, '--drain-s', '20', ...trust]),
  };
}

export const scores = (services, uuid, n) => until(`${n} scores`,
  async () => (await lookAtRun(services, uuid))?.evaluations >= n, 120);
export const workersAre = (services, n) => until(`${n} workers`,
  async () => (await call(`${services.broker}/v1/workers`)).json?.items.filter((w) => w.state === 'ready').length === n);

export async function twin(t, settings) {
  const services = await up(t);
  const { digest } = await finishedRun(services, await createRun(services, settings));
  services.proc.child.kill('SIGTERM');
  await services.proc.ended;
  return digest;
}
