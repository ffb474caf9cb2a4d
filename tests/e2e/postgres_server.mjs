// postgres_server.mjs -- a PostgreSQL server for a test.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './harness.mjs';

const WITH_POSTGRES = join(dirname(fileURLToPath(import.meta.url)), '../../tools/with-postgres');

// One of its own, which goes when its standard input ends: the URL of a
// database, or null where none is installed.  With `listen` it listens at that
// address too, and lets everybody in.
export async function postgres(t, { listen = '' } = {}) {
  const child = spawn(WITH_POSTGRES, ['sh', '-c', 'echo "$NEVOD_TEST_POSTGRES"; exec cat'],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NEVOD_POSTGRES_LISTEN: listen } });
  const ended = new Promise((done) => child.on('exit', done));
  atEnd(t, async () => {
    child.stdin.end();
    await ended;
  });
  const said = await Promise.race([ended, new Promise((done) => child.stdout.once('data', done))]);
  return typeof said === 'number' ? null : `postgresql://nevod@/postgres?host=${String(said).trim()}`;
}
