-- A training of a genome that did not fail, in a run with rungs: its accuracy,
-- the loss that it is ranked by, and the result document.
CREATE TABLE rung (
	run INTEGER NOT NULL REFERENCES run (number),
	genome INTEGER NOT NULL,
	rung INTEGER NOT NULL,
	fitness REAL NOT NULL,
	loss REAL NOT NULL,
	result TEXT NOT NULL,
	PRIMARY KEY (run, genome, rung)
) WITHOUT ROWID;
