using LipSol.Cli.Models;
using LipSol.Cli.Terminals;
using LipSol.Client;

namespace LipSol.Cli.Tests.Models;

public sealed class TrafficTableTests
{
    private static readonly DateTimeOffset Then = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Both_versions_stand_side_by_side_with_what_they_read_differently()
    {
        using var output = new StringWriter();
        using var terminal = new Terminal(json: false, output, TextWriter.Null);
        TrafficTable.Write(terminal, Traffic());
        var text = output.ToString();
        foreach (var part in (string[])["canary of version 3, 10 % of callers", "production", "912", "1.5", "99.1 %", "90 of 100 requests", "90.0 %", "نو", "نہیں"]) Assert.Contains(part, text);
    }

    [Fact]
    public void An_entry_of_the_trail_tells_who_was_on_trial_and_what_it_did()
    {
        var decision = new PromotionDecision("urdu-words", 3, true, "It is better.", "word_accuracy", 0.8, 0.95, null, null, null, 2, Then) { Traffic = Traffic().Figures };
        Assert.Equal("urdu-words version 3 promoted: It is better. (on trial: 100 read, 2 errors, p99 20 ms, the same text on 90 of 100)", ModelsCommand.Text(decision));
        Assert.StartsWith("urdu-words version 3 on trial: ", ModelsCommand.Text(decision with { Kind = "canary", Traffic = null }));
        Assert.StartsWith("urdu-words version 3 refused: ", ModelsCommand.Text(decision with { Kind = "canary", Promoted = false }));
    }

    private static ModelTraffic Traffic() => new("urdu-words", new ModelTrial(ModelTrial.Canary, 3, 0.1, true, Then, "amina"), new TrafficFigures
    {
        Since = Then,
        Production = new VersionTraffic { Version = 2, Answered = 912, MeanConfidence = 0.991, P50 = 1.5, P95 = 9, P99 = 15 },
        Candidate = new VersionTraffic { Version = 3, Answered = 100, Errors = 2, MeanConfidence = 0.95, P50 = 2, P95 = 10, P99 = 20 },
        Compared = 100,
        Agreed = 90,
        Agreement = 0.9,
    }, [new Disagreement(Then, "نو", 0.6, "نہیں", 0.7)]);
}
