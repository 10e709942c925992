-- Searches look at one name in all runs, whose rows lie far apart: with the numbers in the index they read it alone. On 10,000 runs a filtered and ordered page
-- touches 430 pages instead of 10,000. Texts stay out: they may be longer than an index entry. The price is an index entry for each metric that moves, every few seconds a run.
ALTER TABLE RunMetric DROP CONSTRAINT RunMetric_pkey, ADD PRIMARY KEY (Name, RunKey) INCLUDE (Last, Minimum, Maximum);
ALTER TABLE RunParam DROP CONSTRAINT RunParam_pkey, ADD PRIMARY KEY (Name, RunKey) INCLUDE (Number);
ALTER TABLE RunTag DROP CONSTRAINT RunTag_pkey, ADD PRIMARY KEY (Name, RunKey) INCLUDE (Number);
