using LipSol.Client;
using static LipSol.Notebooks.Tests.Samples;

namespace LipSol.Notebooks.Tests;

public sealed class DecoderTests
{
    [Fact]
    public void Decoders_stand_side_by_side_with_seen_and_unseen_intervals_n_and_their_distance_from_the_default()
    {
        var html = Shown(Evaluation());
        Assert.Contains("Run letters", html);
        Assert.Contains("decoder beam", html);
        var table = html[html.IndexOf("Decoders, the same clips", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("</table>", StringComparison.Ordinal)];
        string[] rows = [.. table.Split("<tr>").Skip(2)];
        Assert.Equal(6, rows.Length);
        Assert.Contains("greedy", rows[0]);
        Assert.Contains(">119<", rows[0]);
        Assert.Contains(">seen<", rows[1]);
        Assert.Contains("0.3 % <span class=\"soft\">[0.0, 0.8]", rows[1]);
        Assert.Contains(">60<", rows[1]);
        Assert.Contains(">unseen<", rows[2]);
        Assert.Contains("9.4 % <span class=\"soft\">[6.1, 12.8]", rows[2]);
        Assert.Contains("<span class=\"number\">+5.3 [+3.1, +7.8]</span>", rows[2]);
        Assert.Contains(">59<", rows[2]);
        // An interval that holds 0 is no difference.
        Assert.Contains("<span class=\"number soft\">+0.3 [0.0, +0.8]</span>", rows[1]);
        Assert.Contains("4.9 %", rows[0]);
        Assert.Contains("default", rows[3]);
        Assert.DoesNotContain("default", rows[0]);
        Assert.DoesNotContain("Decoders", Shown(Evaluation() with { Decoders = [] }));
    }

    [Fact]
    public void A_run_shows_every_figure_by_speaker_and_by_decoder()
    {
        string[] scopes = ["", ".seen", ".unseen", ".speaker:s1", ".speaker:s2", ".decoder:greedy", ".decoder:greedy.seen", ".decoder:greedy.unseen", ".decoder:grammar", ".decoder:grammar.seen", ".decoder:grammar.unseen"];
        string[] kinds = ["wer", "cer", "sentence_accuracy"];
        var figures = scopes.SelectMany((scope, i) => kinds.Where((k, j) => j < 2 || !scope.Contains("speaker", StringComparison.Ordinal)).Select((kind, j) => (Name: kind + scope, Value: new Estimate((11 + 3 * i + j) / 1000.0, 0, 0.5, 40 + i))))
            .ToDictionary(f => f.Name, f => f.Value);
        var html = Shown(Run("a") with { Figures = figures });
        Assert.All(figures.Values, f => Assert.Contains($">{Percent(f.Value)} <span", html));
        Assert.Contains(">s2<", html);
        Assert.Contains("grammar", html);
        Assert.DoesNotContain("decoder:", html);
        Assert.Contains(">50<", html);
        Shown(new ModelVersion("m", 1, "r", "d", DateTimeOffset.UnixEpoch, figures, 1e-6));
        Assert.DoesNotContain("<table", Shown(Run("a") with { Figures = new Dictionary<string, Estimate>() }));

        static string Percent(double share) => (share * 100).ToString("F1", System.Globalization.CultureInfo.InvariantCulture) + " %";
    }

    [Fact]
    public void Of_a_hundred_speakers_forty_are_shown_and_the_rest_is_counted()
    {
        var html = Shown(Run("a") with { Figures = Enumerable.Range(0, 100).Select(i => $"wer.speaker:s{i:00}").Append("wer").ToDictionary(n => n, n => new Estimate(0.1, 0, 0.2, 9)) });
        Assert.Contains("and 60 speakers more", html);
        Assert.Contains(">s39<", html);
        Assert.DoesNotContain(">s40<", html);
        Assert.Contains("all speakers", html);
    }

    [Fact]
    public void Runs_that_read_sentences_are_followed_and_compared_by_their_error_rates()
    {
        Run Sentences(string id, double cer) => Run(id) with
        {
            Metrics = new Dictionary<string, MetricSummary> { ["val_cer"] = new(cer + 0.1, 9, cer, 1) },
            Figures = new Dictionary<string, Estimate> { ["wer"] = new(0.123, 0.1, 0.2, 40), ["wer.unseen"] = new(0.234, 0.1, 0.4, 20) },
        };
        var comparison = new RunComparison([Sentences("a", 0.2), Sentences("b", 0.05)]);
        Assert.Equal("b", comparison.BestOnVal!.Id);
        var html = Shown(comparison);
        Assert.Contains("lowest CER on val", html);
        Assert.Contains(">5.0 %<", html);
        Assert.Contains(">23.4 % <span", html);

        var board = new RunBoard([Run("a", status: RunStatus.Running)]);
        Assert.Contains("Accuracy", Shown(board));
        board.Apply("a", new RunEvent(1, RunStatus.Running, null, [new("val_cer", 1, 0.9, DateTimeOffset.UnixEpoch), new("train_cer", 1, 0.8, DateTimeOffset.UnixEpoch)], "training", 0.1));
        Assert.Contains("Letter error rate", Shown(board));
        Assert.DoesNotContain("Accuracy", Shown(board));
    }

    private static RunEvaluation Evaluation() => new()
    {
        RunId = "run-1",
        Run = "letters",
        Corpus = "urdu-sentences",
        DataHash = "0123456789abcdef",
        Decoder = "beam",
        Figures = new Dictionary<string, Estimate> { ["wer"] = new(0.02, 0.01, 0.03, 119), ["wer.seen"] = new(0, 0, 0.06, 60), ["wer.unseen"] = new(0.042, 0.019, 0.069, 59) },
        Samples = [],
        Decoders =
        [
            new DecoderEvaluation
            {
                Decoder = "greedy",
                Figures = new Dictionary<string, Estimate> { ["wer"] = new(0.05, 0, 1, 119), ["wer.seen"] = new(0.003, 0, 0.008, 60), ["wer.unseen"] = new(0.094, 0.061, 0.128, 59), ["cer"] = new(0.05, 0, 1, 119) },
                Differences = new Dictionary<string, Estimate> { ["wer.seen"] = new(0.003, 0, 0.008, 60), ["wer.unseen"] = new(0.053, 0.031, 0.078, 59) },
                WordReliability = new Reliability(0.049, []),
                Samples = [],
            },
            new DecoderEvaluation { Decoder = "beam", Figures = new Dictionary<string, Estimate> { ["wer.seen"] = new(0, 0, 0.06, 60), ["wer.unseen"] = new(0.042, 0.019, 0.069, 59) }, Samples = [] },
        ],
    };
}
