namespace LipSol.Pipelines.Tests.Caching;

public sealed class StepCacheTests
{
    private static readonly StepDefinition Small = PipelineFile.Read(Examples.Daily).Step("small");
    private static readonly StepKey Key = StepKey.Of(Small, new Dictionary<string, string> { ["data"] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }, "0.1.0");

    [Fact]
    public void A_step_that_was_never_done_is_done() => Assert.Equal((null, "It wasn't done before."), Decide(Key));

    [Fact]
    public void What_an_earlier_run_left_is_taken_where_nothing_has_changed()
    {
        CacheDecision decision = StepCache.Decide(Small, Key, [Left(Key, 3)], _ => null);
        Assert.Equal((3, "Inputs, settings and code are those of run 3: what it left is taken."), (decision.Taken!.Run, decision.Why));
    }

    [Fact]
    public void It_says_which_part_has_changed()
    {
        Assert.Equal("Since run 3: data was aaaaaaaa and is bbbbbbbb.", Decide(Key with { Inputs = new Dictionary<string, string> { ["data"] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" } }, Left(Key, 3)).Why);
        StepDefinition longer = Small with { Settings = new Dictionary<string, StepSetting>(Small.Settings) { ["set"] = new() { Table = new Dictionary<string, string> { ["epochs"] = "9", ["rate"] = "0.1" } } } };
        Assert.Equal("Since run 3: setting set.epochs was 8 and is 9; setting set.rate is new (0.1); setting set.width is gone (it was 16).", Decide(StepKey.Of(longer, Key.Inputs, "0.1.0"), Left(Key, 3)).Why);
        Assert.Equal("Since run 3: LipSol was 0.1.0 and is 0.2.0.", Decide(Key with { Code = "0.2.0" }, Left(Key, 3)).Why);
    }

    [Fact]
    public void What_goes_back_to_how_it_was_finds_what_was_left_then() =>
        Assert.Equal(2, StepCache.Decide(Small, Key, [Left(Key, 2), Left(Key with { Code = "0.2.0" }, 3)], _ => null).Taken!.Run);

    [Fact]
    public void What_is_gone_is_made_again() =>
        Assert.Equal((null, "Nothing has changed since run 3, but run abc was deleted."), Decide(Key, "run abc was deleted", Left(Key, 3)));

    [Fact]
    public void Cache_can_be_turned_off_and_a_gate_has_none()
    {
        Assert.Null(StepCache.Decide(Small with { Cache = false }, Key, [Left(Key, 3)], _ => null).Taken);
        StepDefinition gate = PipelineFile.Read(Examples.Daily).Step("gate");
        StepKey judged = StepKey.Of(gate, Key.Inputs, "0.1.0");
        Assert.Contains("depends on what is in production", StepCache.Decide(gate, judged, [Left(judged, 3) with { Step = "gate" }], _ => null).Why);
    }

    [Fact]
    public void What_decides_nothing_is_no_part_of_the_key()
    {
        StepDefinition urgent = Small with { Retries = 9, Title = "x", Settings = new Dictionary<string, StepSetting>(Small.Settings) { ["priority"] = new() { Text = "9" }, ["experiment"] = new() { Text = "other" } } };
        Assert.Equal(Key.Hash, StepKey.Of(urgent, Key.Inputs, "0.1.0").Hash);
    }

    [Fact]
    public void The_key_survives_being_kept() =>
        Assert.Equal(Key.Hash, System.Text.Json.JsonSerializer.Deserialize<StepKey>(System.Text.Json.JsonSerializer.Serialize(Key))!.Hash);

    [Fact]
    public void Of_each_step_the_latest_results_are_remembered()
    {
        IReadOnlyList<CachedStep> remembered = [];
        for (int run = 1; run <= 100; run++) remembered = StepCache.With(remembered, Left(Key with { Code = $"{run}" }, run));
        remembered = StepCache.With(remembered, Left(Key, 101) with { Step = "wide" });
        remembered = StepCache.With(remembered, Left(Key with { Code = "100" }, 102));
        Assert.Equal(StepCache.KeptOfEach + 1, remembered.Count);
        Assert.Equal(102, remembered.Where(c => c.Step == "small").Max(c => c.Run));
        Assert.DoesNotContain(remembered, c => c.Run == 100);
    }

    private static (CachedStep? Taken, string Why) Decide(StepKey key, params CachedStep[] remembered) => Decide(key, null, remembered);

    private static (CachedStep? Taken, string Why) Decide(StepKey key, string? gone, params CachedStep[] remembered)
    {
        CacheDecision decision = StepCache.Decide(Small, key, remembered, _ => gone);
        return (decision.Taken, decision.Why);
    }

    private static CachedStep Left(StepKey key, int run) => new("small", key, new Dictionary<string, string> { ["run"] = "abc" }, run, DateTimeOffset.UnixEpoch);
}
