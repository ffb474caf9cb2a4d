// legacy.test.mjs -- an existing client's calls, against each service, with the
// shapes it relies on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { call, tempDir, tinyDataset, tinyGenome, up } from './harness.mjs';

let services, dataset;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };

before(async () => {
  dataset = tinyDataset(join(tempDir(context), 'tiny'));
  services = await up(context);
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

const POPULATION = { num_channels: 1, px_h: 12, px_w: 12, num_classes: 4, batch_size: 32, num_poblation: 3 };
const GENOME_KEYS = Object.keys(tinyGenome()).sort();
const keys = (o) => Object.keys(o).sort();

for (const prefix of ['', '/api']) {
  test(`genome ${prefix}/create_initial_poblation wraps models in message`, async () => {
    const { status, json } = await call(`${services.genome}${prefix}/create_initial_poblation`, POPULATION);
    assert.equal(status, 200);
    assert.deepEqual(keys(json), ['message']);
    assert.deepEqual(keys(json.message), ['message', 'models']);
    assert.equal(typeof json.message.message, 'string');
    assert.deepEqual(Object.keys(json.message.models), ['0', '1', '2']);
    for (const genome of Object.values(json.message.models)) {
      assert.deepEqual(keys(genome), GENOME_KEYS);
      assert.equal(genome.filters.length, genome['Number of Convolutional Layers']);
      assert.equal(genome.kernel_sizes.length, genome['Number of Convolutional Layers']);
      assert.equal(genome['Number of Nodes in Each Layer'].length, genome['Number of Fully Connected Layers']);
      assert.equal(genome['Activation Functions'].length, genome['Number of Fully Connected Layers']);
      assert.equal(genome['Batch Size'], 32);
    }
  });

  test(`genome ${prefix}/create_child wraps one model in message`, async () => {
    const { status, json } = await call(`${services.genome}${prefix}/create_child`,
      { 1: tinyGenome(), 2: tinyGenome({ Optimizer: 'SGD' }) });
    assert.equal(status, 200);
    assert.deepEqual(keys(json.message), ['message', 'model']);
    assert.deepEqual(keys(json.message.model), GENOME_KEYS);
  });

  test(`evolutioner ${prefix}/create_cnn_model gives a score in percent`, async () => {
    const { status, json } = await call(`${services.evolutioner}${prefix}/create_cnn_model`,
      { ...tinyGenome(), dataset, epochs: 3, seed: 1 });
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(typeof json.message.message, 'string');
    assert.ok(json.message.score > 50 && json.message.score <= 100, `score ${json.message.score}`);
  });

  test(`broker ${prefix}: population, training, child`, async () => {
    const url = `${services.broker}${prefix}`;
    const made = await call(`${url}/create_initial_poblation`, { ...POPULATION, dataset, seed: 5 });
    assert.equal(made.status, 200, made.text);
    assert.deepEqual(keys(made.json.message), ['path', 'uuid']);
    const { uuid, path } = made.json.message;
    // Absolute: an existing client opens it as it is.
    assert.equal(path, join(services.dataDir, 'models', `${uuid}.json`));
    const saved = () => JSON.parse(readFileSync(path, 'utf8'));
    assert.deepEqual(Object.keys(saved()), ['0', '1', '2']);
    assert.deepEqual(keys(saved()['0']), GENOME_KEYS);

    const trained = await call(`${url}/create_cnn_model`, { uuid, model_id: '1', epochs: 1, seed: 2 });
    assert.equal(trained.status, 200, trained.text);
    assert.deepEqual(keys(trained.json), ['message']);
    assert.equal(typeof trained.json.message.message.message, 'string');
    assert.ok(trained.json.message.message.score >= 0);

    const child = await call(`${url}/create_child`, { uuid, model_id: 0, second_model_id: '1' });
    assert.equal(child.status, 200, child.text);
    assert.deepEqual(keys(child.json.message), ['message', 'model_id']);
    assert.equal(child.json.message.model_id, '3');
    assert.deepEqual(keys(child.json.message.message), ['message', 'model']);
    assert.deepEqual(saved()['3'], child.json.message.message.model);
  });
}

test('the same seed gives the same population and the same score', async () => {
  const ask = () => call(`${services.genome}/create_initial_poblation`, { ...POPULATION, seed: 9 });
  assert.equal((await ask()).text, (await ask()).text);
  const score = async () => (await call(`${services.evolutioner}/create_cnn_model`,
    { ...tinyGenome(), dataset, epochs: 1, seed: 4 })).json.message.score;
  assert.equal(await score(), await score());
});

test('short lists are used round-robin and surplus entries ignored', async () => {
  const genome = tinyGenome({
    'Number of Convolutional Layers': 2, 'Number of Fully Connected Layers': 2,
    'Number of Nodes in Each Layer': [16], filters: [8, 8, 9999], 'Activation Functions': ['TanH'], Optimizer: 'AdamW',
  });
  const { status, text } = await call(`${services.evolutioner}/create_cnn_model`, { ...genome, dataset, epochs: 1 });
  assert.equal(status, 200, text);
});

test('a genome that does not fit the data is a 422 that says both shapes', async () => {
  const { status, json } = await call(`${services.evolutioner}/create_cnn_model`,
    { ...tinyGenome({ px_h: 28, px_w: 28 }), dataset });
  assert.equal(status, 422);
  assert.match(json.error, /28/);
  assert.match(json.error, /12/);
});

test('unknown populations and models are 404, a uuid that is none a 400', async () => {
  const url = services.broker;
  const { uuid } = (await call(`${url}/create_initial_poblation`, POPULATION)).json.message;
  const ask = (body) => call(`${url}/create_cnn_model`, body);
  assert.equal((await ask({ uuid, model_id: 99 })).status, 404);
  assert.equal((await ask({ uuid: '00000000-0000-4000-8000-000000000000', model_id: 0 })).status, 404);
  for (const bad of ['../../etc/passwd', '', 'x', `${uuid}/..`, '%2e%2e']) {
    const answer = await ask({ uuid: bad, model_id: 0 });
    assert.equal(answer.status, 400, bad);
    assert.deepEqual(keys(answer.json), ['error', 'message']);
    assert.equal(answer.json.message, answer.json.error);
  }
  assert.equal((await ask({ uuid, model_id: '1x' })).status, 400);
  assert.equal((await ask({ uuid, model_id: -1 })).status, 422);
});

// As a client writes them whose numbers are all floating-point.
const withPoints = (body) => JSON.stringify(body).replace(/([:,[])(\d+)(?=[,}\]])/g, '$1$2.0');

test('whole numbers may be written 32.0, on every route', async () => {
  const { genome, evolutioner, broker } = services;
  const ask = async (url, body) => {
    const { status, json, text } = await call(url, withPoints(body));
    assert.equal(status, 200, `${url} ${withPoints(body)}: ${text}`);
    return json.message;
  };
  const population = { ...POPULATION, seed: 5 };
  await ask(`${genome}/create_initial_poblation`, population);
  await ask(`${genome}/create_child`, { 1: tinyGenome(), 2: tinyGenome(), seed: 6 });
  await ask(`${evolutioner}/create_cnn_model`, { ...tinyGenome(), dataset, epochs: 1, seed: 1, train_limit: 100 });
  const { uuid } = await ask(`${broker}/create_initial_poblation`, { ...population, dataset });
  await ask(`${broker}/create_cnn_model`, { uuid, model_id: 1, epochs: 1, seed: 2, train_limit: 100 });
  const child = await ask(`${broker}/create_child`, { uuid, model_id: 0, second_model_id: 1 });
  // The population's seed counts, though it came as 5.0.
  const whole = await call(`${broker}/create_initial_poblation`, { ...population, dataset });
  const same = await call(`${broker}/create_child`, { uuid: whole.json.message.uuid, model_id: 0, second_model_id: 1 });
  assert.deepEqual(same.json.message, child);

  for (const body of [{ uuid, model_id: 0.5 }, { uuid, model_id: 0, epochs: 1.5 }]) {
    assert.equal((await call(`${broker}/create_cnn_model`, body)).status, 400);
  }
});

test('any application/*+json is JSON', async () => {
  const headers = { 'Content-Type': 'application/vnd.api+json' };
  assert.equal((await call(`${services.genome}/create_initial_poblation`, POPULATION, { headers })).status, 200);
});

test('200 concurrent populations of 100 genomes are all answered', async () => {
  for (const url of [services.genome, services.broker]) {
    const answers = await Promise.all(Array.from({ length: 200 }, () =>
      call(`${url}/create_initial_poblation`, { ...POPULATION, num_poblation: 100 })));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
  }
});

test('children made at the same time get numbers of their own', async () => {
  const { uuid, path } = (await call(`${services.broker}/create_initial_poblation`, POPULATION)).json.message;
  const answers = await Promise.all(Array.from({ length: 20 }, () =>
    call(`${services.broker}/create_child`, { uuid, model_id: 0, second_model_id: 1 })));
  const ids = answers.map((a) => Number(a.json.message.model_id)).sort((a, b) => a - b);
  assert.deepEqual(ids, Array.from({ length: 20 }, (_, i) => i + 3));
  const saved = JSON.parse(readFileSync(path, 'utf8'));
  assert.equal(Object.keys(saved).length, 23);
});
