// stream.ts -- a run's server-sent events, resumed where they broke off.
//
// By fetch and not by EventSource, which can send no token.
import { Refusal, send } from './api';

export interface RunEvent {
  id: number | null; // a trouble has none: it is how the run stands now
  type: string;
  data: Record<string, unknown>;
}

const BACK_OFF_MS = [300, 1000, 2000, 4000];

function parse(block: string): RunEvent | undefined {
  const fields = new Map(block.split('\n').map((l) => {
    const at = l.indexOf(':');
    return [l.slice(0, at), l.slice(at + 1).trimStart()] as const;
  }));
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const id = fields.get('id');
  return { id: id === undefined ? null : Number(id), type: fields.get('event') ?? 'message', data: JSON.parse(data) };
}

async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent> {
  const reader = body.getReader(), decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

// Calls `take` with each event after number `after`, until the run has no more
// or the signal comes.  What ends the connection is told to `broken`.
export async function follow(uuid: string, after: number, take: (e: RunEvent) => void,
  broken: (e: Error | null) => void, signal: AbortSignal) {
  let last = after, failed = 0;
  while (!signal.aborted) {
    try {
      const answer = await send(`v1/runs/${uuid}/events`, {
        signal, headers: last > 0 ? { 'Last-Event-ID': String(last) } : {},
      });
      if (answer.status === 204 || !answer.body) return;
      broken(null);
      for await (const event of read(answer.body)) {
        failed = 0;
        if (event.id !== null) last = event.id;
        take(event);
      }
    } catch (e) {
      if (signal.aborted || (e instanceof Refusal && e.status < 500)) return;
      broken(e as Error);
    }
    await new Promise((done) => setTimeout(done, BACK_OFF_MS[Math.min(failed++, BACK_OFF_MS.length - 1)]));
  }
}
