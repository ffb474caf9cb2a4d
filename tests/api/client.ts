// client.ts -- what a client in TypeScript writes against the types that
// openapi-typescript makes of the broker's document with its defaults: it compiles,
// and a run starts with nothing given (client.test.mjs).
import type { paths } from './generated/broker';

type Body<P extends keyof paths, M extends 'post' | 'patch'> =
  paths[P] extends Record<M, { requestBody?: { content: { 'application/json': infer B } } }> ? B : never;
type Answer<O> = O extends { responses: { 202: { content: { 'application/json': infer A } } } } ? A : never;

type NewRun = Body<'/v1/runs', 'post'>;
type Run = Answer<paths['/v1/runs']['post']>;

export async function startRun(broker: string, settings: NewRun): Promise<Run> {
  const answer = await fetch(`${broker}/v1/runs`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(settings),
  });
  if (answer.status !== 202) throw new Error(await answer.text());
  return answer.json() as Promise<Run>;
}

export const start = async (broker: string): Promise<[uuid: string, population: number]> => {
  const run = await startRun(broker, {});
  await startRun(broker, { population: 4, neat: { threshold: 2 }, space: {}, name: 'by a client' });
  return [run.uuid, run.settings.population];
};

// @ts-expect-error -- what is no setting is refused where it is written
export const wrong: NewRun = { popolation: 4 };
