-- Blobs (src/blob/), in pieces of 1 MiB: when one was stored, or stored again,
-- and its bytes, which no compression makes smaller.
CREATE TABLE blob (
	name TEXT COLLATE "C" PRIMARY KEY,
	size BIGINT NOT NULL,
	stored TIMESTAMPTZ NOT NULL
);
CREATE TABLE blob_piece (
	blob TEXT COLLATE "C" NOT NULL REFERENCES blob (name) ON DELETE CASCADE,
	piece BIGINT NOT NULL,
	bytes BYTEA NOT NULL,
	PRIMARY KEY (blob, piece)
);
ALTER TABLE blob_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;
