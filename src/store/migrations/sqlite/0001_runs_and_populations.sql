CREATE TABLE run (
	number INTEGER PRIMARY KEY,
	uuid TEXT NOT NULL UNIQUE,
	created_ms INTEGER NOT NULL,
	updated_ms INTEGER NOT NULL,
	running_ms INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	state TEXT NOT NULL,
	settings TEXT NOT NULL,
	document TEXT NOT NULL,
	digest TEXT NOT NULL,
	idempotency_key TEXT UNIQUE,
	request_hash TEXT NOT NULL
);
CREATE INDEX run_by_state ON run (state, number);

CREATE TABLE generation (
	run INTEGER NOT NULL REFERENCES run (number),
	generation INTEGER NOT NULL,
	members TEXT NOT NULL,
	scored INTEGER NOT NULL,
	best REAL NOT NULL,
	mean REAL NOT NULL,
	created_ms INTEGER NOT NULL,
	scored_ms INTEGER NOT NULL,
	PRIMARY KEY (run, generation)
) WITHOUT ROWID;

CREATE TABLE genome (
	run INTEGER NOT NULL REFERENCES run (number),
	id INTEGER NOT NULL,
	born INTEGER NOT NULL,
	parent_a INTEGER NOT NULL,
	parent_b INTEGER NOT NULL,
	genome TEXT NOT NULL,
	scored INTEGER NOT NULL,
	fitness REAL NOT NULL,
	failure TEXT,
	result TEXT,
	crashes INTEGER NOT NULL,
	PRIMARY KEY (run, id)
) WITHOUT ROWID;
CREATE INDEX genome_by_birth ON genome (run, born, id);

CREATE TABLE event (
	run INTEGER NOT NULL REFERENCES run (number),
	number INTEGER NOT NULL,
	created_ms INTEGER NOT NULL,
	type TEXT NOT NULL,
	data TEXT NOT NULL,
	PRIMARY KEY (run, number)
) WITHOUT ROWID;

CREATE TABLE population (
	number INTEGER PRIMARY KEY,
	uuid TEXT NOT NULL UNIQUE,
	created_ms INTEGER NOT NULL,
	dataset TEXT NOT NULL,
	seed INTEGER NOT NULL
);

CREATE TABLE model (
	population INTEGER NOT NULL REFERENCES population (number),
	id INTEGER NOT NULL,
	genome TEXT NOT NULL,
	scored INTEGER NOT NULL,
	score REAL NOT NULL,
	answer TEXT,
	PRIMARY KEY (population, id)
) WITHOUT ROWID;
