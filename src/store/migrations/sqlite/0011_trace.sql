-- The traceparent that a client asked for the run with, for the logs: neither
-- its digest nor its state follow from it, so the checksum has no part of it.
ALTER TABLE run ADD COLUMN trace TEXT;
