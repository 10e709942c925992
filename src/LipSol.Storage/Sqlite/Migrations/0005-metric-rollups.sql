-- Points in brief, for drawing: at level 0 those of 64 steps, at level 1 of 4096, at level 2 of 262144. Kept in the transaction that writes the points.
-- Minimum and Maximum are NULL where all points are NaN; Last is the value at LastStep, NULL for NaN.
CREATE TABLE MetricRollup
(
    RunKey     INTEGER NOT NULL,
    NameKey    INTEGER NOT NULL,
    Level      INTEGER NOT NULL,
    Bucket     INTEGER NOT NULL,
    FirstStep  INTEGER NOT NULL,
    LastStep   INTEGER NOT NULL,
    Points     INTEGER NOT NULL,
    NotNumbers INTEGER NOT NULL,
    Minimum    REAL,
    Maximum    REAL,
    Last       REAL,
    PRIMARY KEY (RunKey, NameKey, Level, Bucket)
) WITHOUT ROWID;

INSERT INTO MetricRollup (RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last)
SELECT b.RunKey, b.NameKey, 0, b.Bucket, b.FirstStep, b.LastStep, b.Points, b.NotNumbers, b.Minimum, b.Maximum,
    (SELECT l.Value FROM MetricPoint l WHERE l.RunKey = b.RunKey AND l.NameKey = b.NameKey AND l.Step = b.LastStep)
FROM (SELECT RunKey, NameKey, Step >> 6 AS Bucket, min(Step) AS FirstStep, max(Step) AS LastStep, count(*) AS Points, count(*) - count(Value) AS NotNumbers,
          min(Value) AS Minimum, max(Value) AS Maximum
      FROM MetricPoint GROUP BY RunKey, NameKey, Step >> 6) b;

INSERT INTO MetricRollup (RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last)
SELECT b.RunKey, b.NameKey, 1, b.Bucket, b.FirstStep, b.LastStep, b.Points, b.NotNumbers, b.Minimum, b.Maximum,
    (SELECT l.Value FROM MetricPoint l WHERE l.RunKey = b.RunKey AND l.NameKey = b.NameKey AND l.Step = b.LastStep)
FROM (SELECT RunKey, NameKey, Bucket >> 6 AS Bucket, min(FirstStep) AS FirstStep, max(LastStep) AS LastStep, sum(Points) AS Points, sum(NotNumbers) AS NotNumbers,
          min(Minimum) AS Minimum, max(Maximum) AS Maximum
      FROM MetricRollup WHERE Level = 0 GROUP BY RunKey, NameKey, Bucket >> 6) b;

INSERT INTO MetricRollup (RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last)
SELECT b.RunKey, b.NameKey, 2, b.Bucket, b.FirstStep, b.LastStep, b.Points, b.NotNumbers, b.Minimum, b.Maximum,
    (SELECT l.Value FROM MetricPoint l WHERE l.RunKey = b.RunKey AND l.NameKey = b.NameKey AND l.Step = b.LastStep)
FROM (SELECT RunKey, NameKey, Bucket >> 6 AS Bucket, min(FirstStep) AS FirstStep, max(LastStep) AS LastStep, sum(Points) AS Points, sum(NotNumbers) AS NotNumbers,
          min(Minimum) AS Minimum, max(Maximum) AS Maximum
      FROM MetricRollup WHERE Level = 1 GROUP BY RunKey, NameKey, Bucket >> 6) b;
