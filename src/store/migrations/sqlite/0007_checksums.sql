-- The rows that are there get theirs, the columns in the order of the queries.
-- A later migration that adds a column to one of these tables sums its rows
-- again; those that were damaged before must stay so.
UPDATE run SET checksum = row_sum('run', '', uuid, created_ms, updated_ms,
	running_ms, generation, state, settings, document, digest,
	idempotency_key, request_hash);
UPDATE generation SET checksum = row_sum('generation',
	(SELECT uuid FROM run WHERE number = run), generation, members, scored,
	best, mean, created_ms, scored_ms, species);
UPDATE genome SET checksum = row_sum('genome',
	(SELECT uuid FROM run WHERE number = run), id, born, parent_a, parent_b,
	genome, scored, fitness, failure, result, crashes, species, mutations);
UPDATE rung SET checksum = row_sum('rung',
	(SELECT uuid FROM run WHERE number = run), genome, rung, fitness, loss,
	result);
UPDATE training SET checksum = row_sum('training',
	(SELECT uuid FROM run WHERE number = run), key, genome, rung);
UPDATE species SET checksum = row_sum('species',
	(SELECT uuid FROM run WHERE number = run), generation, id, born,
	improved, size, best, mean, champion);
