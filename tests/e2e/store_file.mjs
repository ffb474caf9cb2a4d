// store_file.mjs -- a store of SQLite's, looked at and kept from its broker by
// somebody else.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from './harness.mjs';

const READ = `
import json, sqlite3, sys
db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
texts = db.execute("SELECT result FROM rung UNION ALL SELECT result FROM genome WHERE result IS NOT NULL")
json.dump([text for (text,) in texts], sys.stdout)
`;

// The texts of its results by the ids of their jobs, once nobody has it open.
export function storedResults(file) {
  const stored = new Map();
  for (const text of JSON.parse(execFileSync('python3', ['-c', READ, file], { maxBuffer: 1 << 28 }))) {
    const { id } = JSON.parse(text);
    stored.set(id, [...(stored.get(id) ?? []), text]);
  }
  return stored;
}

const LOCK = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
`;

// From now on nobody can commit anything to it, until the function that this gives
// is called.
export async function lockStore(t, file) {
  const child = spawn('python3', ['-c', LOCK, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit'), unlock = () => { child.stdin.end(); return ended; };
  atEnd(t, unlock);
  await once(child.stdout, 'data');
  return unlock;
}
