-- Points in brief, for drawing: at level 0 those of 64 steps, at level 1 of 4096, at level 2 of 262144. Kept in the transaction that writes the points.
-- Minimum and Maximum are NULL where all points are NaN.
CREATE TABLE MetricRollup
(
    RunKey     bigint           NOT NULL,
    Bucket     bigint           NOT NULL,
    FirstStep  bigint           NOT NULL,
    LastStep   bigint           NOT NULL,
    Points     bigint           NOT NULL,
    NotNumbers bigint           NOT NULL,
    Minimum    double precision,
    Maximum    double precision,
    Last       double precision NOT NULL,
    NameKey    integer          NOT NULL,
    Level      integer          NOT NULL,
    PRIMARY KEY (RunKey, NameKey, Level, Bucket)
);

INSERT INTO MetricRollup (RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last)
SELECT RunKey, NameKey, 0, Step >> 6, min(Step), max(Step), count(*), count(*) FILTER (WHERE Value = 'NaN'), min(nullif(Value, 'NaN')), max(nullif(Value, 'NaN')),
    (array_agg(Value ORDER BY Step DESC))[1]
FROM MetricPoint GROUP BY RunKey, NameKey, Step >> 6;

INSERT INTO MetricRollup (RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last)
SELECT RunKey, NameKey, 1, Bucket >> 6, min(FirstStep), max(LastStep), sum(Points), sum(NotNumbers), min(Minimum), max(Maximum), (array_agg(Last ORDER BY Bucket DESC))[1]
FROM MetricRollup WHERE Level = 0 GROUP BY RunKey, NameKey, Bucket >> 6;

INSERT INTO MetricRollup (RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last)
SELECT RunKey, NameKey, 2, Bucket >> 6, min(FirstStep), max(LastStep), sum(Points), sum(NotNumbers), min(Minimum), max(Maximum), (array_agg(Last ORDER BY Bucket DESC))[1]
FROM MetricRollup WHERE Level = 1 GROUP BY RunKey, NameKey, Bucket >> 6;
