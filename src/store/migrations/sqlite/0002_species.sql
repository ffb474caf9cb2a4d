-- The members' species, a JSON list beside `members`; NULL in a run without.
ALTER TABLE generation ADD COLUMN species TEXT;

-- The species that a genome was born into, -1 in a run without, and the
-- mutations that made it, bits.
ALTER TABLE genome ADD COLUMN species INTEGER NOT NULL DEFAULT -1;
ALTER TABLE genome ADD COLUMN mutations INTEGER NOT NULL DEFAULT 0;

-- A species in each generation that it had members in.
CREATE TABLE species (
	run INTEGER NOT NULL REFERENCES run (number),
	generation INTEGER NOT NULL,
	id INTEGER NOT NULL,
	born INTEGER NOT NULL,
	improved INTEGER NOT NULL,
	size INTEGER NOT NULL,
	best REAL NOT NULL,
	mean REAL NOT NULL,
	champion INTEGER NOT NULL,
	PRIMARY KEY (run, generation, id)
) WITHOUT ROWID;
