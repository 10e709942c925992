using System.Text.Json;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Searches;

/// <summary>Trials that are stopped early against the same trials trained to their ends, really trained.</summary>
public sealed class AshaTests : IDisposable
{
    private const int Trials = 15, Epochs = 27;

    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    [Trait("Category", "Long")]
    public async Task Stopping_early_finds_the_winner_of_full_training_or_one_within_its_interval_with_a_third_of_the_epochs()
    {
        var data = scratch["data"];
        var corpus = (await LipSolProgram.RunAsync(data, "corpus", "synth", "--name", "small", "--words", "آپ,جی,دو,سات", "--set", "speakers=2", "--set", "unseen=0",
            "--set", "takes=5", "--set", "val-takes=4", "--set", "test-takes=1", "--json")).With(0).Document;
        var full = await SweepAsync(data, "full", "");
        var asha = await SweepAsync(data, "early", "asha: { min: 2, factor: 3 }");

        var trained = full.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("objective").GetDouble()).ToArray();
        var stopped = asha.GetProperty("trials").EnumerateArray().ToArray();
        // The same trials.
        Assert.Equal(full.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("parameters").GetRawText()), stopped.Select(t => t.GetProperty("parameters").GetRawText()));
        var spent = stopped.Sum(t => t.GetProperty("values").GetInt32());
        var best = trained.Max();
        var winner = trained[asha.GetProperty("best").GetInt32() - 1];
        var val = 4 * 2 * 4;
        var half = 1.96 * Math.Sqrt(Math.Max(best * (1 - best), 0.25 / val) / val);
        TestContext.Current.SendDiagnosticMessage($"full training: {best:0.000} with {Trials * Epochs} epochs; ASHA: trial {asha.GetProperty("best")}, {winner:0.000} in full, with {spent} epochs, {stopped.Count(t => t.GetProperty("status").GetString() == "stopped")} of {Trials} stopped; {corpus.GetProperty("clips")} clips");
        Assert.True(spent <= Trials * Epochs / 3, $"{spent} of {Trials * Epochs} epochs");
        Assert.True(winner >= best - half, $"{winner} against {best} ± {half}");
    }

    private async Task<JsonElement> SweepAsync(string data, string name, string asha)
    {
        var file = scratch[$"{name}.yaml"];
        await File.WriteAllTextAsync(file, $$"""
            name: {{name}}
            corpus: small
            network: word-tcn
            method: random
            trials: {{Trials}}
            seed: 5
            objective: { metric: val_accuracy, goal: max }
            space: { learning_rate: { float: [0.00001, 0.02], log: true } }
            fixed: { epochs: {{Epochs}}, patience: 0, batch_size: 8, warmup_epochs: 1, resize: 32, size: 28, front: 16, width: 16, stages: 1, scale_width: 16, temporal_blocks: 1 }
            {{asha}}
            """, TestContext.Current.CancellationToken);
        return (await LipSolProgram.RunAsync(data, "sweep", file, "--watch", "--json")).With(0).Document.GetProperty("search").Clone();
    }
}
