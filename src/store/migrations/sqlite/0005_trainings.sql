-- Which genome of a run was trained so, in a run whose equal networks share
-- their scores: the key is a hash of all that a training's outcome follows from.
CREATE TABLE training (
	run INTEGER NOT NULL REFERENCES run (number),
	key TEXT NOT NULL,
	genome INTEGER NOT NULL,
	rung INTEGER NOT NULL,
	PRIMARY KEY (run, key)
) WITHOUT ROWID;
