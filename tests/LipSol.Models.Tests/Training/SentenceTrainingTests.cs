using LipSol.Corpus;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Language.Scoring;
using LipSol.Models.Networks;
using LipSol.Models.Parameters;
using LipSol.Models.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LipSol.Models.Tests.Training;

public sealed class SentenceTrainingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DrawnSentences corpus = new();

    public void Dispose() => folder.Dispose();

    private string Work(string name) => Path.Combine(folder.Path, name);

    private static double Cer(IEnumerable<Language.Evaluation.EvaluatedSample> read) => ErrorRates.Of(read.Select(s => (s.Expected, s.Text))).Cer;

    private TrainingRequest Request(string network, string work, params (string, string)[] parameters) => Request(corpus, network, work, parameters);

    private TrainingRequest Request(DrawnSentences of, string network, string work, params (string, string)[] parameters)
    {
        var request = of.Request(Work(work), parameters) with { Network = network };
        return network == "char-tcn" ? request : request with
        {
            Parameters = request.Parameters.Where(p => p.Key is not ("front" or "stages" or "scale_width" or "temporal_blocks")).Append(new("hidden", "32")).Append(new("depth", "1")).ToDictionary(),
        };
    }

    [Fact]
    public Task Char_tcn_learns_a_drawn_corpus_to_the_last_letter_and_its_exported_model_agrees() => LearnsToTheLastLetter("char-tcn", epochs: 40);

    [Fact, Trait("Category", "Long")]
    public Task Char_gru_learns_a_drawn_corpus_to_the_last_letter_and_its_exported_model_agrees() => LearnsToTheLastLetter("char-gru", epochs: 100);

    private async Task LearnsToTheLastLetter(string network, int epochs)
    {
        var request = Request(new DrawnSentences(takes: 24), network, "learns", ("epochs", $"{epochs}"), ("learning_rate", "0.01"), ("patience", "0"), ("ema", "0.9"), ("dropout", "0"), ("word_epochs", "8"), ("phrase_epochs", "8"), ("time_mask", "0"));
        var result = await TrainingRun.Run(request, new Recorder(), CancellationToken.None);

        Assert.Equal(NetworkTask.Characters, result.Task);
        Assert.Equal(["", " ", "a", "b", "c"], result.Vocabulary);
        Assert.Equal(0, Cer(result.Val));
        Assert.InRange(Cer(result.Test), 0, 0.05);
        Assert.All(result.Test, s => Assert.InRange(s.Confidence, 0, 1));
        // What is read freely, by the language model's help, or within the words and sentences of training.
        Assert.Equal([DecoderKind.Greedy, DecoderKind.Beam, DecoderKind.Lexicon], result.Decoders!.Settings.Select(s => s.Kind));
        Assert.Equal(result.Test, result.TestByDecoder[DecoderKind.Beam]);
        Assert.All(result.TestByDecoder[DecoderKind.Lexicon].SelectMany(s => s.Words!), w => Assert.Contains(w.Text, (string[])["ab", "ba", "cab", "abc", "b"]));
        Assert.All(result.TestByDecoder.Values.SelectMany(d => d), s => Assert.Equal(s.Text, string.Join(' ', s.Words!.Select(w => w.Text))));
        Assert.All(result.Decoders.Settings, s => Assert.True(s.WordConfidence is not null && s.SentenceConfidence is not null, "calibrated"));
        Assert.Equal(1, result.Temperature);
        using var session = new InferenceSession(result.OnnxPath!);
        foreach (var probe in result.Probes)
        {
            var frames = probe.Input_CTHW.Length / (result.Input.Size * result.Input.Size);
            Assert.Equal(frames * result.Vocabulary.Count, probe.Logits.Length);
            using var read = session.Run([
                NamedOnnxValue.CreateFromTensor(Network.InputName, new DenseTensor<float>(probe.Input_CTHW, [1, 1, frames, result.Input.Size, result.Input.Size])),
                NamedOnnxValue.CreateFromTensor(SentenceNetwork.LengthName, new DenseTensor<long>(new long[] { frames }, [1]))]);
            Assert.All(read[0].AsEnumerable<float>().Zip(probe.Logits), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-4f));
        }
    }

    [Theory]
    [InlineData("char-tcn")]
    [InlineData("char-gru")]
    public async Task Two_runs_of_one_seed_give_the_same_losses_and_the_same_model(string network)
    {
        var (one, other) = (new Recorder(), new Recorder());
        var a = await TrainingRun.Run(Request(network, "a"), one, CancellationToken.None);
        var b = await TrainingRun.Run(Request(network, "b"), other, CancellationToken.None);
        Assert.NotEmpty(one["train_loss"]);
        Assert.Equal(one["train_loss"], other["train_loss"]);
        Assert.Equal(one["val_loss"], other["val_loss"]);
        Assert.Equal(File.ReadAllBytes(a.OnnxPath!), File.ReadAllBytes(b.OnnxPath!));
    }

    [Theory]
    [InlineData("char-tcn", 1)] // among the words
    [InlineData("char-tcn", 2)] // among the phrases
    [InlineData("char-gru", 3)] // among the sentences
    public async Task A_resumed_run_gives_the_losses_of_an_uninterrupted_one(string network, int stopInEpoch)
    {
        (string, string)[] parameters = [("dropout", "0.3"), ("splice", "0.5"), ("phrases", "0.3"), ("word_epochs", "2"), ("epochs", "5")];
        var whole = new Recorder();
        var expected = await TrainingRun.Run(Request(network, "whole", parameters), whole, CancellationToken.None);

        using var stop = new CancellationTokenSource();
        // train_loss is told at the end of each epoch, and in between: the epoch after so many ends begins with the next step.
        var ends = 0;
        var first = new Recorder { OnStep = _ => { if (ends >= stopInEpoch) stop.Cancel(); }, OnFigure = name => { if (name == "val_loss") ends++; } };
        var stopped = await TrainingRun.Run(Request(network, "parts", parameters), first, stop.Token);
        Assert.Equal(TrainingEnd.Stopped, stopped.Summary.End);

        var second = new Recorder();
        var resumed = await TrainingRun.Run(Request(network, "parts", parameters) with { ResumeFrom = stopped.CheckpointPath }, second, CancellationToken.None);
        foreach (var name in (string[])["train_loss", "train_cer", "val_loss", "val_cer", "val_wer", "learning_rate"])
            Assert.Equal(whole[name], first[name].Concat(second[name]));
        Assert.Equal(File.ReadAllBytes(expected.OnnxPath!), File.ReadAllBytes(resumed.OnnxPath!));
        Assert.Equal(EvaluationFile.ToBytes(EvaluationFile.Create("", expected.Test)), EvaluationFile.ToBytes(EvaluationFile.Create("", resumed.Test)));
    }

    [Fact]
    public async Task Every_promised_metric_is_told()
    {
        var recorder = new Recorder();
        await TrainingRun.Run(corpus.Request(Work("metrics")), recorder, CancellationToken.None);
        Assert.Equal(new HashSet<string> { "train_loss", "train_cer", "val_loss", "val_cer", "val_wer", "learning_rate", "clips_per_second" }, recorder.Names.ToHashSet());
    }

    [Fact]
    public async Task Without_word_times_sentences_are_learnt_whole_from_the_first_epoch()
    {
        var untimed = new DrawnSentences(withWordTimes: false);
        var result = await TrainingRun.Run(untimed.Request(Work("untimed"), ("epochs", "2"), ("batch_size", "12")), new Recorder(), CancellationToken.None);
        Assert.InRange(result.Summary.Steps, 2, 4); // 12 clips an epoch; words alone would be more batches
    }

    [Fact]
    public async Task A_corpus_with_a_grammar_is_read_within_it_too_and_by_default_only_where_that_is_asked_for()
    {
        var manifest = corpus.Manifest with { Grammar = Grammar.FromTranscripts(corpus.Manifest.Clips.Select(c => c.Text)) };
        var result = await TrainingRun.Run(corpus.Request(Work("grammar"), ("epochs", "1")) with { Manifest = manifest }, new Recorder(), CancellationToken.None);
        Assert.Equal(DecoderKind.Beam, result.Decoders!.Default);
        Assert.All(result.TestByDecoder[DecoderKind.Grammar].Where(s => s.Text.Length > 0), s => Assert.True(manifest.Grammar.Accepts(s.Text), s.Text));

        var asked = await TrainingRun.Run(corpus.Request(Work("asked"), ("epochs", "1"), ("decoder", "grammar")) with { Manifest = manifest }, new Recorder(), CancellationToken.None);
        Assert.Equal((DecoderKind.Grammar, asked.TestByDecoder[DecoderKind.Grammar]), (asked.Decoders!.Default, asked.Test));
        foreach (var (decoder, because) in ((string, string)[])[("grammar", "has none"), ("magic", "greedy, beam, lexicon, grammar")])
            Assert.Contains(because, (await Assert.ThrowsAsync<InvalidParameterException>(() => TrainingRun.Run(corpus.Request(Work("none"), ("decoder", decoder)), new Recorder(), CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shuffled_transcripts_cannot_be_read()
    {
        var result = await TrainingRun.Run(corpus.Request(Work("shuffled"), ("shuffle_labels", "true"), ("epochs", "12")), new Recorder(), CancellationToken.None);
        Assert.InRange(Cer(result.Test), 0.4, 2);
    }

    [Fact]
    public async Task A_transcript_too_long_for_its_clip_is_refused_by_name()
    {
        var clips = corpus.Manifest.Clips.ToArray();
        clips[3] = clips[3] with { Text = string.Concat(Enumerable.Repeat("ab", 40)), Words = [] };
        await Refused(clips, clips[3].Path, "too few");
    }

    [Fact]
    public async Task A_letter_that_training_never_says_is_refused_by_clip_and_letter()
    {
        var clips = corpus.Manifest.Clips.ToArray();
        var test = Array.FindIndex(clips, c => c.Split == Split.Test);
        clips[test] = clips[test] with { Text = "zab", Words = [] };
        await Refused(clips, clips[test].Path, "'z'");
    }

    [Fact]
    public async Task An_empty_transcript_is_refused_by_name()
    {
        var clips = corpus.Manifest.Clips.ToArray();
        clips[0] = clips[0] with { Text = "", Words = [] };
        await Refused(clips, clips[0].Path, "empty transcript");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clip_in_train_and_in_test_is_refused_under_whatever_name(bool packedAnew)
    {
        var clips = corpus.Manifest.Clips.ToArray();
        var (train, test) = (Array.FindIndex(clips, c => c.Split == Split.Train), Array.FindIndex(clips, c => c.Split == Split.Test));
        clips[test] = clips[train] with { Id = clips[test].Id, Path = clips[test].Path, Split = Split.Test, ContentHash = packedAnew ? clips[test].ContentHash : clips[train].ContentHash };
        await Refused(clips, clips[test].Path, clips[train].Path);
    }

    private async Task Refused(CorpusClip[] clips, params string[] because)
    {
        var request = corpus.Request(Work("refused")) with { Manifest = corpus.Manifest with { Clips = clips } };
        var refusal = await Assert.ThrowsAsync<CorpusProblemsException>(() => TrainingRun.Run(request, new Recorder(), CancellationToken.None));
        foreach (var part in because) Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }
}
