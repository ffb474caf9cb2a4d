-- Genomes of one generation are looked for on the roster.
DROP INDEX genome_by_birth;
