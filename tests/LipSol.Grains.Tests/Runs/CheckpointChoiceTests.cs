using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Checkpoints;

namespace LipSol.Grains.Tests.Runs;

public sealed class CheckpointChoiceTests
{
    // Numbers 1, 2, …, with these scores.
    private static readonly double?[] Scores = [0.2, 0.9, 0.9, double.NaN, null, 0.5, 0.1];

    [Theory]
    [InlineData(null, "2 7")]
    [InlineData("last", "7")]
    [InlineData("best", "2 7")]
    [InlineData("last, best", "2 7")]
    [InlineData("every 3", "3 6 7")]
    [InlineData("Best,  Every 3", "2 3 6 7")]
    [InlineData("every 1", "1 2 3 4 5 6 7")]
    [InlineData("all", "1 2 3 4 5 6 7")]
    public void What_is_asked_for_is_kept_and_the_last_always(string? retention, string numbers) =>
        Assert.Equal(numbers, string.Join(' ', OneByOne(retention is null ? null : CheckpointRetention.Parse(retention), Scores).Select(c => c.Number)));

    [Fact]
    public void However_many_are_asked_for_the_record_stays_small()
    {
        List<Checkpoint> kept = OneByOne(CheckpointRetention.Parse("all"), [1, .. Enumerable.Repeat<double?>(0, CheckpointRetention.Most + 10)]);
        Assert.Equal(CheckpointRetention.Most, kept.Count);
        Assert.Equal(1, kept[0].Number);
        Assert.Equal(CheckpointRetention.Most + 11, kept[^1].Number);
    }

    [Fact]
    public void Checkpoints_from_before_they_were_judged_go_and_the_last_of_them_stays()
    {
        Checkpoint[] old = [.. Enumerable.Range(1, 3).Select(i => new Checkpoint($"{i}", i, i, default))];
        Assert.Equal(["3"], CheckpointChoice.Kept(null, old).Select(c => c.Artifact));
        Assert.Empty(CheckpointChoice.Kept(null, []));
    }

    [Theory]
    [InlineData("last,best", "last,best")]
    [InlineData("best", "last,best")]
    [InlineData("last", "last")]
    [InlineData("every 5", "last,every 5")]
    [InlineData("best, every 5", "last,best,every 5")]
    [InlineData("all", "all")]
    public void What_is_kept_is_said_as_it_is_written(string text, string said)
    {
        Assert.Equal(said, CheckpointRetention.Parse(text).ToString());
        Assert.Equal(CheckpointRetention.Parse(text), CheckpointRetention.Parse(said));
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("every")]
    [InlineData("every 0")]
    [InlineData("every -1")]
    [InlineData("every 2, every 3")]
    [InlineData("best,")]
    public void What_cant_be_kept_is_refused_with_what_can(string text) => Assert.Contains("'last,best'", Assert.Throws<RefusedException>(() => CheckpointRetention.Parse(text)).Message);

    private static List<Checkpoint> OneByOne(CheckpointRetention? retention, IEnumerable<double?> scores)
    {
        List<Checkpoint> kept = [];
        foreach ((int i, double? score) in scores.Index()) kept = CheckpointChoice.Kept(retention, [.. kept, new Checkpoint($"c{i + 1}", i + 1, 1, default) { Number = i + 1, Score = score }]);
        return kept;
    }
}
