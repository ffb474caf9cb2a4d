-- How many transactions have been committed: beside the store stands how many
-- it had when it was last written, so that those of a lost log are missed.
CREATE TABLE IF NOT EXISTS commit_count (n INTEGER NOT NULL);
INSERT INTO commit_count
	SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM commit_count);
