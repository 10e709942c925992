using System.Globalization;
using System.Text.RegularExpressions;
using LipSol.Testing.Cluster.Nodes;

namespace LipSol.Testing.Cluster.Training;

internal static partial class LossCurve
{
    /// <summary>The training loss of a completed run is there at every tenth step and at the end of every epoch, once each, from the first to the last.</summary>
    public static async Task AssertWholeAsync(NodeProcess node, TrainingRun run, int epochs)
    {
        var steps = (await node.Client.Runs.GetMetricsAsync(run.Id, "train_loss")).Select(p => p.Step).ToArray();
        var ofEpoch = BrightCorpus.StepsPerEpoch(TrainingRun.BatchSize);
        var expected = Enumerable.Range(1, epochs * ofEpoch).Where(s => s % 10 == 0 || s % ofEpoch == 0).Select(s => (long)s);
        Assert.Equal(expected, steps);
    }

    /// <summary>Each attempt went on from a checkpoint, later in the run than the one before.</summary>
    public static async Task AssertAttemptsGoOnWhereTheOneBeforeStoppedAsync(NodeProcess node, TrainingRun run)
    {
        var log = await node.Client.Runs.GetLogAsync(run.Id);
        var attempts = Attempt().Matches(log).Select(m => m.Groups[1].Success ? int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) : 0).ToArray();
        Assert.True(attempts.Length > 1, log);
        Assert.Equal(attempts.Distinct().Order(), attempts);
        Assert.Equal(0, attempts[0]);
    }

    [GeneratedRegex(@"\[lipsol\] attempt \d+ of .*?\)(?:, from the checkpoint at step (\d+))?\s*$", RegexOptions.Multiline)]
    private static partial Regex Attempt();
}
