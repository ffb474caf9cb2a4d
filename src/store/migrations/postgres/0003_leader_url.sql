-- Where clients and workers find the broker that leads; '': it does not say.
ALTER TABLE leader ADD COLUMN url TEXT COLLATE "C" NOT NULL DEFAULT '';
