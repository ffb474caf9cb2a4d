#!/usr/bin/env node
// genomes.mjs NEVOD -- images per second of training three genomes, from
// small to large, through an evolutioner of its own; medians of three runs.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const nevod = process.argv[2];
const base = {
  'Dropout Rate': 0.2, 'Learning Rate': 0.001, Optimizer: 'adam',
  num_channels: 1, px_h: 28, px_w: 28, num_classes: 10,
};
const genome = (filters, kernels, nodes, batch) => ({
  ...base, 'Number of Convolutional Layers': filters.length, filters, kernel_sizes: kernels,
  'Number of Fully Connected Layers': nodes.length, 'Number of Nodes in Each Layer': nodes,
  'Activation Functions': ['relu'], 'Batch Size': batch,
});
const genomes = {
  small: genome([16, 16], [3, 3], [32], 16),
  medium: genome([32, 64], [3, 3], [128], 64),
  large: genome([64, 64, 64, 64], [5, 5, 5, 5], [128, 64], 128),
};
const images = 10000;
const median = (a) => [...a].sort((x, y) => x - y)[a.length >> 1];

const dir = mkdtempSync(join(tmpdir(), 'nevod-bench-'));
const port = 20000 + (process.pid % 20000);
const url = `http://127.0.0.1:${port}`;
const service = spawn(nevod, ['evolutioner', '--port', String(port), '--data-dir', dir, '--slots', '1'],
  { stdio: 'ignore' });
try {
  for (let i = 0; ; i++) {
    if (await fetch(`${url}/readyz`).then((r) => r.ok, () => false)) break;
    if (i > 100 || service.exitCode !== null) throw new Error('the evolutioner does not answer');
    await new Promise((done) => setTimeout(done, 100));
  }
  console.log(`${images} images, one epoch, one slot; medians of 3`);
  for (const [name, body] of Object.entries(genomes)) {
    const runs = [];
    for (let seed = 0; seed < 3; seed++) {
      const answer = await fetch(`${url}/create_cnn_model`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...body, epochs: 1, train_limit: images, seed }),
      });
      const { message, error } = await answer.json();
      if (error) throw new Error(error);
      runs.push(message);
    }
    const rate = median(runs.map((m) => m.images / m.cpu_s));
    console.log(`${name.padEnd(7)} ${rate.toFixed(0).padStart(6)} images per CPU second, ` +
      `score ${median(runs.map((m) => m.score)).toFixed(2)}%`);
  }
} finally {
  service.kill('SIGTERM');
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
