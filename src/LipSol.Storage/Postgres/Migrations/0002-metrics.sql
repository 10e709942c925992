-- Metric points. A run's row holds the epoch that may append, and how many batches there are; who writes to a run holds that row's lock.
CREATE TABLE MetricRun
(
    RunKey bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    RunId  text    COLLATE "C" NOT NULL UNIQUE,
    Epoch  bigint  NOT NULL,
    Open   boolean NOT NULL,
    Cursor bigint  NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE MetricName
(
    NameKey integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    Name    text    COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE MetricBatch
(
    RunKey bigint NOT NULL,
    Epoch  bigint NOT NULL,
    Batch  bigint NOT NULL,
    Cursor bigint NOT NULL,
    PRIMARY KEY (RunKey, Epoch, Batch)
);

-- The metrics a run has, and the highest step of each: points beyond it can't be there yet.
CREATE TABLE MetricSeries
(
    RunKey   bigint  NOT NULL,
    NameKey  integer NOT NULL,
    LastStep bigint  NOT NULL,
    PRIMARY KEY (RunKey, NameKey)
) WITH (fillfactor = 50);

-- One row a (run, name, step): a later epoch's value takes the place of an earlier one's. Every read names the run, so the parts keep indexes
-- and clean-ups small however many runs there are; a run lies in one part. The wide columns come first: no padding.
CREATE TABLE MetricPoint
(
    RunKey  bigint           NOT NULL,
    Step    bigint           NOT NULL,
    Epoch   bigint           NOT NULL,
    Cursor  bigint           NOT NULL,
    Value   double precision NOT NULL,
    Time    bigint           NOT NULL,
    NameKey integer          NOT NULL,
    PRIMARY KEY (RunKey, NameKey, Step)
) PARTITION BY HASH (RunKey);
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE MetricPoint_%s PARTITION OF MetricPoint FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
END $$;
-- What a batch wrote, for those who follow a run. A batch's points share one entry.
CREATE INDEX MetricPoint_Cursor ON MetricPoint (RunKey, Cursor);
