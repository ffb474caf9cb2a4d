-- A checksum beside each row that a run's digest or state follows from.
ALTER TABLE run ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE generation ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE genome ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE rung ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE training ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE species ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
