#!/usr/bin/env node
// with-s3 COMMAND... -- runs it beside an S3 store of its own, which goes with
// it. NEVOD_TEST_S3 is the URL of a bucket; the store has a bad moment at every
// hundredth request, as real ones do. Exits with 77, skipped, where s3rver is not
// here.
import { spawn } from 'node:child_process';
import { s3Present, s3Store } from './server.mjs';

if (!await s3Present()) {
  console.error('with-s3: no s3rver here: tools/fetch-npm tests/s3');
  process.exit(77);
}
let asked = 0;
const store = await s3Store({
  fault: (req, res) => {
    if (++asked % 100 !== 0) return false;
    req.resume();
    res.writeHead(503).end();
    return true;
  },
});
const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit',
  env: { ...process.env, ...store.env, NEVOD_TEST_S3: store.url } });
const status = await new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
for (const fault of store.faults.slice(0, 3)) console.error(`with-s3: refused: ${fault}`);
await store.close();
process.exit(status);
