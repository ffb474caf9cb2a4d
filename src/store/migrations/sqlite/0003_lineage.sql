-- Who a genome's parents are, without its documents: a walk through hundreds
-- of generations reads some 20 bytes of an ancestor and not its whole row.
CREATE INDEX genome_parents ON genome (run, id, parent_a, parent_b);
