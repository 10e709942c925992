using LipSol.Client;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Models;

public sealed class DecoderEvaluationTests
{
    [Fact]
    public async Task Every_decoder_of_a_model_is_measured_on_the_same_clips_in_one_answer()
    {
        await using var node = await TestNode.StartAsync();
        var dataHash = node.AddSentences("sentences");
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "grey-letters", Corpus = "sentences" });
        await (await node.Workers.NextAsync()).CompleteSentencesAsync((DecoderKind.Beam, [new EvaluatedSample("x", "a", true, "ہم کب", "ہم کب", 0.9)]));
        var version = await node.Client.Models.RegisterAsync("letters", run.Id);

        var measured = await node.Client.Models.EvaluateAsync("letters", "sentences", version.Version, Evaluate.AllDecoders);

        Assert.Equal(("beam", dataHash, 12), (measured.Decoder, measured.DataHash, measured.Samples.Count));
        Assert.Equal(["greedy", "beam", "lexicon", "grammar"], measured.Decoders.Select(d => d.Decoder));
        Assert.All(measured.Decoders, d => Assert.Equal(measured.Samples.Select(s => (s.Id, s.Speaker, s.Seen, s.Expected)), d.Samples.Select(s => (s.Id, s.Speaker, s.Seen, s.Expected))));
        // Three of the unseen speaker's six clips end in a letter that only those who know the words read rightly.
        var (greedy, beam) = (measured.Decoders[0], measured.Decoders[1]);
        Assert.Equal((0.0, 3 / 12.0, 6), (greedy.Figures["wer.seen"].Value, greedy.Figures["wer.unseen"].Value, greedy.Figures["wer.unseen"].Count));
        Assert.Equal(3, greedy.Samples.Count(s => s.Text == "ہم کک"));
        Assert.All(measured.Decoders.Skip(1), d => Assert.Equal(0, d.Figures["wer"].Value));
        Assert.Equal(measured.Figures.OrderBy(f => f.Key), beam.Figures.OrderBy(f => f.Key));
        Assert.Empty(beam.Differences);
        Assert.Equal(3 / 12.0, greedy.Differences["wer.unseen"].Value, 9);
        // The same readings: no difference was seen, and twelve clips can't rule one out.
        var none = measured.Decoders[2].Differences["wer"];
        Assert.Equal((0.0, 12), (none.Value, none.Count));
        Assert.True(none.Low < 0 && none.High > 0);
        Assert.Equal(24, greedy.WordReliability!.Bins.Sum(b => b.Count));

        // One that is named is what it is among all, and nothing else comes along.
        var alone = await node.Client.Models.EvaluateAsync("letters", "sentences", version.Version, "greedy");
        Assert.Equal(greedy.Samples.Select(s => (s.Id, s.Text)), alone.Samples.Select(s => (s.Id, s.Text)));
        Assert.All(greedy.Samples.Zip(alone.Samples), p => Assert.Equal(p.First.Confidence, p.Second.Confidence, 5)); // a network's threads sum in another order
        Assert.Equal(("greedy", 0), (alone.Decoder, alone.Decoders.Count));
    }

    [Fact]
    public async Task A_runs_own_readings_are_told_in_full_decoder_by_decoder()
    {
        await using var node = await TestNode.StartAsync();
        var dataHash = node.AddSentences("sentences");
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "grey-letters", Corpus = "sentences", Name = "letters" });
        var worker = await node.Workers.NextAsync();
        Assert.Contains("only a completed run", (await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.GetEvaluationAsync(run.Id))).Message);
        EvaluatedSample Read(string id, bool seen, string text) => new(id, seen ? "a" : "c", seen, "ہم کب", text, 0.75) { Words = [.. text.Split(' ').Select(w => new EvaluatedWord(w, 0.75))] };
        await worker.CompleteSentencesAsync(
            (DecoderKind.Beam, [Read("1", true, "ہم کب"), Read("2", false, "ہم کک")]),
            (DecoderKind.Greedy, [Read("1", true, "ہہ کب"), Read("2", false, "ہہ کک")]));

        var measured = await node.Client.Runs.GetEvaluationAsync(run.Id);

        Assert.Equal((run.Id, "letters", "sentences", dataHash, "beam"), (measured.RunId, measured.Run, measured.Corpus, measured.DataHash, measured.Decoder));
        Assert.Equal(0.25, measured.Figures["wer"].Value);
        Assert.Equal("2", Assert.Single(measured.Worst).Id);
        Assert.Contains(new ReadAs("ب", "ک", 1), measured.Details!.Letters);
        Assert.Equal(4, measured.Details.WordReliability!.Bins.Sum(b => b.Count));
        Assert.Equal(["greedy", "beam"], measured.Decoders.Select(d => d.Decoder));
        Assert.Equal((0.75, 0.5), (measured.Decoders[0].Figures["wer"].Value, measured.Decoders[0].Differences["wer"].Value));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Runs.GetEvaluationAsync("none"));
    }

    [Fact]
    public async Task A_model_of_words_has_no_decoders_to_compare()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync();
        var version = await node.Client.Models.RegisterAsync("m", run.Id);
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Models.EvaluateAsync("m", TestNode.Corpus, version.Version, Evaluate.AllDecoders));
        Assert.Contains("single words", refusal.Message);
        var own = await node.Client.Runs.GetEvaluationAsync(run.Id);
        Assert.Equal((null, 0, 100), (own.Decoder, own.Decoders.Count, own.Samples.Count));
    }
}
