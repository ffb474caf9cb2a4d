-- A run's genomes as lists sort and filter them: a narrow row a genome, made
-- from the rows that are the truth, and so without a checksum.  What is not
-- known yet is -1.
CREATE TABLE roster (
	run INTEGER NOT NULL REFERENCES run (number),
	id INTEGER NOT NULL,
	born INTEGER NOT NULL,
	species INTEGER NOT NULL,
	scored INTEGER NOT NULL,
	fitness REAL NOT NULL,
	failure TEXT,
	rung INTEGER NOT NULL,
	trainings INTEGER NOT NULL,
	cpu_s REAL NOT NULL,
	parameters INTEGER NOT NULL,
	flops INTEGER NOT NULL,
	PRIMARY KEY (run, id)
) WITHOUT ROWID;

-- Rungs from 6 on are no part of the search.
INSERT INTO roster SELECT g.run, g.id, g.born, g.species, g.scored, g.fitness,
	g.failure,
	coalesce((SELECT max(r.rung) FROM rung r WHERE r.run = g.run AND
		r.genome = g.id AND r.rung < 6), g.scored - 1),
	(g.result IS NOT NULL) + (SELECT count(*) FROM rung r WHERE
		r.run = g.run AND r.genome = g.id AND r.rung < 6),
	coalesce(CASE WHEN json_valid(g.result)
		THEN json_extract(g.result, '$.cpu_s') END, 0) +
	coalesce((SELECT sum(json_extract(r.result, '$.cpu_s')) FROM rung r
		WHERE r.run = g.run AND r.genome = g.id AND r.rung < 6 AND
		json_valid(r.result)), 0),
	-1, -1 FROM genome g;

-- What a person says of a run after it was made: another name, and that it is
-- out of the way.  Labels, which neither its digest nor its state follow from.
ALTER TABLE run ADD COLUMN label TEXT;
ALTER TABLE run ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
