// memory.mjs -- what a process has, and whether that grows.
import { readFileSync, readdirSync } from 'node:fs';

const MEMORY = 8 << 20, DESCRIPTORS = 16, SHARE = 0.05;

// {memory: bytes in RAM, descriptors: open ones}; null when it has ended.
export function look(pid) {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { memory: kilobytes * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return null;
  }
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

// From the first sixth of the last half of the looks to its last sixth, by their
// medians: {from, to, grows}.
export function growth(looks, what) {
  const half = looks.slice(looks.length >> 1).map((look) => look[what]), sixth = Math.max(1, Math.floor(half.length / 6));
  const from = median(half.slice(0, sixth)), to = median(half.slice(-sixth));
  const room = from * SHARE + (what === 'memory' ? MEMORY : DESCRIPTORS);
  return { from, to, grows: to - from > room };
}
