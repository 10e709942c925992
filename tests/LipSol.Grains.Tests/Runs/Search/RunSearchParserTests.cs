using LipSol.Grains.Runs.Search;

namespace LipSol.Grains.Tests.Runs.Search;

public sealed class RunSearchParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("name = 'a' OR name = 'b' AND name = 'c'", "a | (b & c)")]
    [InlineData("name = 'a' AND name = 'b' OR name = 'c'", "(a & b) | c")]
    [InlineData("NOT name = 'a' AND name = 'b'", "!a & b")]
    [InlineData("NOT (name = 'a' AND name = 'b')", "!(a & b)")]
    [InlineData("NOT NOT name = 'a'", "!!a")]
    [InlineData("(name = 'a' or name = 'b') aNd name='c'", "(a | b) & c")]
    [InlineData("((name = 'a'))", "a")]
    public void And_binds_closer_than_or_and_not_closer_than_both(string text, string expected) =>
        Assert.Equal(expected, Outline(Parse(text), top: true));

    [Theory]
    [InlineData("metrics.val_wer < 0.3", "val_wer", MetricValue.Last)]
    [InlineData("metric.val_wer.min < 0.3", "val_wer", MetricValue.Minimum)]
    [InlineData("METRICS.val_wer.MAX < 0.3", "val_wer", MetricValue.Maximum)]
    [InlineData("metrics.wer.seen.last < 0.3", "wer.seen", MetricValue.Last)]
    [InlineData("metrics.wer.seen < 0.3", "wer.seen", MetricValue.Last)]
    [InlineData("metrics.`loss.min` < 0.3", "loss.min", MetricValue.Last)]
    [InlineData("metrics.\"loss min\".min < 0.3", "loss min", MetricValue.Minimum)]
    [InlineData("metrics.min < 0.3", "min", MetricValue.Last)]
    [InlineData("metrics.2x<.3", "2x", MetricValue.Last)]
    [InlineData("metrics.غلطی<+3e-1", "غلطی", MetricValue.Last)]
    public void A_metric_is_named_with_the_value_that_is_meant(string text, string name, MetricValue value)
    {
        var comparison = Assert.IsType<Comparison>(Parse(text));
        Assert.Equal(new MetricField(name, value), comparison.Field);
        Assert.Equal(0.3, comparison.Value.Number);
    }

    [Theory]
    [InlineData("created > -7d", "2026-11-13T12:00:00Z")]
    [InlineData("created > '-7d'", "2026-11-13T12:00:00Z")]
    [InlineData("created > -90m", "2026-11-20T10:30:00Z")]
    [InlineData("start_time >= '2026-11-02'", "2026-11-02T00:00:00Z")]
    [InlineData("attributes.ended < \"2026-11-02T10:00:00+05:00\"", "2026-11-02T05:00:00Z")]
    [InlineData("created = '2026-11-02 10:00'", "2026-11-02T10:00:00Z")]
    public void Times_are_dates_or_so_long_ago(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture).UtcTicks, Assert.IsType<Comparison>(Parse(text)).Value.Integer);

    [Theory]
    [InlineData("duration > 90", 90)]
    [InlineData("duration > 1.5h", 5400)]
    [InlineData("duration > '2d'", 172800)]
    public void Lengths_of_time_are_seconds_unless_they_say_otherwise(string text, double seconds) =>
        Assert.Equal((long)(seconds * TimeSpan.TicksPerSecond), Assert.IsType<Comparison>(Parse(text)).Value.Integer);

    [Fact]
    public void A_quote_inside_a_text_is_written_twice()
    {
        Assert.Equal("it's \\ \"so\"", Assert.IsType<Comparison>(Parse("name = 'it''s \\ \"so\"'")).Value.Text);
        Assert.Equal("a``b", Assert.IsType<TagField>(Assert.IsType<FieldPresence>(Parse("tags.`a````b` IS NULL")).Field).Name);
    }

    [Theory]
    [InlineData("metrics.val_wer <", 17, "expected a number")]
    [InlineData("metrics.val_wer < 'low'", 18, "a metric is compared with a number")]
    [InlineData("metrics.val_wer LIKE 'a'", 21, "LIKE is for texts")]
    [InlineData("name > 'a'", 7, "compare it by =")]
    [InlineData("name = grid", 7, "a text in quotes ('grid')")]
    [InlineData("name 'a'", 5, "a comparison")]
    [InlineData("colour = 'red'", 0, "no attribute colour")]
    [InlineData("figures.wer < 1", 0, "metrics., params., tags.")]
    [InlineData("metrics. < 1", 9, "a name")]
    [InlineData("status = 'finished'", 9, "queued, running")]
    [InlineData("status = '5'", 9, "queued, running")]
    [InlineData("status < 'failed'", 9, "=, != or IN")]
    [InlineData("created > 'yesterday'", 10, "-7d")]
    [InlineData("created > 7d", 10, "-7d")]
    [InlineData("created > 2026-11-02", 10, "'2026-11-24'")]
    [InlineData("duration > 'long'", 11, "seconds")]
    [InlineData("params.lr > 'high'", 12, "only numbers")]
    [InlineData("name = 'a", 7, "no end")]
    [InlineData("(name = 'a'", 11, "AND, OR or )")]
    [InlineData("name = 'a')", 10, "AND, OR or the end")]
    [InlineData("name = 'a' name = 'b'", 11, "AND, OR or the end")]
    [InlineData("name = 'a' AND", 14, "metrics.NAME")]
    [InlineData("name IN ()", 9, "a number, or a text")]
    [InlineData("name IN 'a'", 8, "( behind IN")]
    [InlineData("name IN ('a' 'b')", 13, "a comma or )")]
    [InlineData("name IS 'a'", 8, "NULL or NOT NULL")]
    [InlineData("name NOT = 'a'", 9, "LIKE, ILIKE or IN")]
    [InlineData("name = 'a' & name = 'b'", 11, "means nothing here")]
    [InlineData("name = 'a'; DROP TABLE RunIndex", 10, "means nothing here")]
    public void What_cant_be_understood_is_shown_with_its_place_and_what_was_expected(string text, int position, string expected)
    {
        var e = Assert.Throws<RunSearchException>(() => Parse(text));
        Assert.Equal(position, e.Position);
        Assert.Contains(expected, e.Message);
        string[] lines = e.Message.Split('\n');
        Assert.Equal("  " + text, lines[1]);
        Assert.Equal(position, lines[2].IndexOf('^') - 2);
    }

    [Fact]
    public void Hostile_input_is_refused_and_never_followed_into_the_deep()
    {
        string[] hostile =
        [
            new string('(', 8000), string.Concat(Enumerable.Repeat("NOT ", 2000)), new string('(', 4000) + "name = 'a'" + new string(')', 4000), new('a', 8193),
            string.Join(" OR ", Enumerable.Repeat("name='a'", 700)), "name IN (" + string.Join(",", Enumerable.Repeat("'a'", 600)) + ")", "metrics.`" + new string('`', 7999), "seed = 1" + new string('0', 4000) + "e99999",
            "\0", "name = \0", "\uD800 = 'a'", "name", "=", "'", "`", ".", "metrics", "metrics.", "NOT", "()", "name = --1", "name = 1.2.3d", "created > -99999999999999999999d",
        ];
        foreach (string text in hostile) Assert.Throws<RunSearchException>(() => Parse(text));
    }

    [Fact]
    public void No_text_is_answered_otherwise_than_by_a_condition_or_a_place()
    {
        string[] pieces = ["metrics", "params", "tags", ".", "loss", "`a b`", "name", "status", "created", "seed", "=", "!=", "<", "LIKE", "IN", "NOT", "IS", "NULL", "AND", "OR", "(", ")", ",", "'x'", "\"1\"", "-7d", "0.5", "1e", "desc", "'", "é", "\t", "%"];
        var random = new Random(5);
        int understood = 0;
        for (int i = 0; i < 200_000; i++)
        {
            string text = string.Join(random.Next(3) == 0 ? "" : " ", Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                Parse(text);
                understood++;
            }
            catch (RunSearchException e)
            {
                Assert.InRange(e.Position, 0, text.Length);
            }
        }
        Assert.True(understood > 100, $"{understood} were understood");
    }

    [Fact]
    public void A_long_search_is_cut_around_the_place()
    {
        string text = string.Join(" AND ", Enumerable.Repeat("name = 'a'", 30)) + " AND colour = 1 AND " + string.Join(" AND ", Enumerable.Repeat("name = 'b'", 30));
        string[] lines = Assert.Throws<RunSearchException>(() => Parse(text)).Message.Split('\n');
        Assert.True(lines[1].Length < 140);
        Assert.StartsWith("colour", lines[1][lines[2].IndexOf('^')..]);
    }

    [Fact]
    public void An_order_has_several_keys()
    {
        Assert.Equal([new RunOrder(new MetricField("val_wer", MetricValue.Minimum), false), new RunOrder(new AttributeField(RunAttribute.Created), true), new RunOrder(new ParamField("a b"), false)],
            RunSearchParser.ParseOrder("metrics.val_wer.min asc, created DESC, params.`a b`"));
        Assert.Empty(RunSearchParser.ParseOrder(" "));
        Assert.Equal(5, Assert.Throws<RunSearchException>(() => RunSearchParser.ParseOrder("name down")).Position);
        Assert.Throws<RunSearchException>(() => RunSearchParser.ParseOrder("name,"));
        Assert.Throws<RunSearchException>(() => RunSearchParser.ParseOrder("name, id, seed, node, corpus, status"));
    }

    [Fact]
    public void Nothing_finds_everything()
    {
        Assert.Empty(Assert.IsType<AllOf>(RunSearchParser.ParseCondition(null, Now)).Conditions);
        Assert.Empty(Assert.IsType<AllOf>(RunSearchParser.ParseCondition(" \n", Now)).Conditions);
    }

    private static RunCondition Parse(string text) => RunSearchParser.ParseCondition(text, Now);

    private static string Outline(RunCondition condition, bool top = false)
    {
        string text = condition switch
        {
            AllOf all => string.Join(" & ", all.Conditions.Select(c => Outline(c))),
            AnyOf any => string.Join(" | ", any.Conditions.Select(c => Outline(c))),
            Not not => "!" + Outline(not.Condition),
            Comparison comparison => comparison.Value.Text!,
            _ => throw new NotSupportedException(),
        };
        return !top && condition is AllOf or AnyOf && !top ? $"({text})" : text;
    }
}
