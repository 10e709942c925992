using System.Text.Json;
using LipSol.Language.Evaluation;
using LipSol.Language.Lips;
using LipSol.Language.Scoring;

namespace LipSol.Language.Tests.Evaluation;

public sealed class SentenceEvaluationTests
{
    // Word edits: کون → کب (substituted), تھا deleted, "ہاں" inserted. Letters: see each test.
    private static readonly EvaluatedSample[] ByHand =
    [
        new("a", "s1", true, "آپ کون تھا", "آپ کب", 0.5),
        new("b", "s1", true, "وہ ہم", "وہ ہم ہاں", 0.5),
        new("c", "s2", false, "تھا", "تا", 0.5),
    ];

    [Fact]
    public void Substitutions_deletions_and_insertions_are_counted_by_scope()
    {
        var scopes = EvaluationReport.From(EvaluationFile.Create("d", ByHand)).Scopes;
        Assert.Equal(["all", "seen", "unseen", "speaker:s1", "speaker:s2"], scopes.Keys);
        // Words: آپ وہ ہم read; کون→کب and تھا→تا substituted; تھا deleted; ہاں inserted.
        Assert.Equal(new EditCounts(3, 2, 1, 1), scopes["all"].Words);
        Assert.Equal(new EditCounts(3, 1, 1, 1), scopes["seen"].Words);
        Assert.Equal(new EditCounts(0, 1, 0, 0), scopes["speaker:s2"].Words);
        Assert.Equal(scopes["unseen"], scopes["speaker:s2"]);
        // تھا → تا: two letters read, ھ deleted.
        Assert.Equal(new EditCounts(2, 0, 1, 0), scopes["unseen"].Letters);
        // "آپ کون تھا" (10) → "آپ کب" (5): 4 read, one substituted, 5 deleted; " ہاں" inserted after 5 that are read.
        Assert.Equal(new EditCounts(4 + 5, 1, 5, 4), scopes["seen"].Letters);
        Assert.Equal((2, 2, 1, 0), (scopes["seen"].Samples, scopes["seen"].Clips, scopes["seen"].Speakers, scopes["seen"].SpeakersDrawn));
    }

    [Fact]
    public void Grapheme_errors_take_an_aspirated_consonant_for_one_letter_and_show_only_where_that_matters()
    {
        var figures = EvaluationReport.From(EvaluationFile.Create("d", ByHand)).Figures;
        Assert.Equal(1 / 3.0, figures["cer.unseen"].Value, 12); // ھ of ت ھ ا
        Assert.Equal(1 / 2.0, figures["ger.unseen"].Value, 12); // تھ of تھ ا: read as ت
        // One substituted and four deleted of nine; four inserted beside five; one substituted of two.
        Assert.Equal((5 + 4 + 1) / (9 + 5 + 2.0), figures["ger"].Value, 12);
        Assert.DoesNotContain(EvaluationReport.From(EvaluationFile.Create("d", [new("a", "s", true, "bin now", "bin", 1)])).Figures.Keys, k => k.StartsWith("ger", StringComparison.Ordinal));
    }

    [Fact]
    public void Letters_and_visemes_that_were_confused_are_counted()
    {
        var report = EvaluationReport.From(EvaluationFile.Create("d", [new("a", "s", true, "کب", "کون", 1), new("b", "s", true, "bin", "pin", 1), new("c", "s", true, "۵", "۵", 1)]));
        Assert.Equal([("ب", "ن", 1), ("b", "p", 1)], report.LetterConfusions.Mistakes().Where(m => m.Expected.Length > 0).OrderByDescending(m => m.Expected, StringComparer.Ordinal));
        Assert.Contains(("", "و", 1), report.LetterConfusions.Mistakes());
        // k ə b → k ɔː n: two visemes differ; b and p look alike; of a digit it isn't known.
        Assert.Equal([("Bilabial", "Dental"), ("Central", "OpenBack")], report.VisemeConfusions.Mistakes().Select(m => (m.Expected, m.Read)).Order());
        Assert.Equal(2, report.WordsWithoutVisemes);
    }

    [Fact]
    public void A_word_that_no_lexicon_has_is_seen_by_its_spelling()
    {
        Assert.Equal([Viseme.Bilabial, Viseme.Open, Viseme.Dental], VisibleSpeech.Of("بات"));
        Assert.Equal([Viseme.CloseFront, Viseme.Back], VisibleSpeech.BySpelling("ایک"));
        Assert.Equal([Viseme.Postalveolar, Viseme.CloseFront, Viseme.Bilabial], VisibleSpeech.Of("sheep"));
        Assert.Equal([Viseme.Labiodental, Viseme.MidBack, Viseme.Dental], VisibleSpeech.Of("phone"));
        Assert.Null(VisibleSpeech.Of("۱۲"));
        Assert.Null(VisibleSpeech.Of("дом"));
        Assert.Equal(51, GridLexicon.Words.Count);
        Assert.All(GridLexicon.Words, w => Assert.NotEmpty(GridLexicon.Of(w)!));
        Assert.Equal(GridLexicon.Of("b"), GridLexicon.Of("p"));
        // What spelling says of the lexicon's words is mostly what the lexicon says.
        var alike = UrduLexicon.Words.Average(w => 1 - EditDistance.Between<int>(Numbers(UrduLexicon.Pronounce(w).Visemes), Numbers(VisibleSpeech.BySpelling(w)!)) / (double)UrduLexicon.Pronounce(w).Visemes.Count);
        Assert.InRange(alike, 0.7, 1);

        static int[] Numbers(IReadOnlyList<Viseme> visemes) => [.. visemes.Select(v => (int)v)];
    }

    [Fact]
    public void Every_figure_agrees_with_a_second_implementation()
    {
        var evaluation = Simulated(seed: 3, speakers: 7, clips: 12, difference: 0.1);
        var report = EvaluationReport.From(evaluation);
        Assert.Equal(5 * (3 + 7), report.Figures.Count);
        foreach (var (name, figure) in report.Figures)
        {
            var parts = name.Split('.', 2);
            var samples = evaluation.Samples.Where(s => parts.Length == 1 || (parts[1] == "seen" && s.Seen) || (parts[1] == "unseen" && !s.Seen) || parts[1] == "speaker:" + s.Speaker).ToArray();
            Assert.Equal(SecondImplementation.Rate(parts[0], samples), figure.Value, 12);
            Assert.Equal(samples.Length, figure.Count);
        }
        foreach (var (scope, all) in report.Scopes)
        {
            Assert.Equal(report.Figures[scope == "all" ? "wer" : "wer." + scope].Value, all.Words.Errors / (double)all.Words.Reference, 12);
            Assert.Equal(report.Figures[scope == "all" ? "cer" : "cer." + scope].Value, all.Letters.Errors / (double)all.Letters.Reference, 12);
        }
        var letters = report.LetterConfusions;
        Assert.Equal(report.Scopes["all"].Letters.Errors, letters.Mistakes().Sum(m => m.Count));
        Assert.Equal(report.Scopes["all"].Letters.Insertions, letters.Counts[letters.Words.ToList().IndexOf("")].Sum());
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(8, true)]
    public void Intervals_agree_with_a_second_implementation_that_draws_speakers_from_five_on(int speakers, bool drawsSpeakers)
    {
        var evaluation = Simulated(seed: 5, speakers, clips: 15, difference: 0.15, allUnseen: true);
        var report = EvaluationReport.From(evaluation, seed: 1, resamples: 4000);
        Assert.Equal(drawsSpeakers ? speakers : 0, report.Scopes["unseen"].SpeakersDrawn);
        foreach (var kind in new[] { "wer", "cer", "ger", "sentence_accuracy" })
        {
            var (low, high) = SecondImplementation.Interval(kind, evaluation.Samples, drawsSpeakers, 1000, seed: 2);
            var figure = report.Figures[kind];
            Assert.InRange(figure.Low, low - 0.15 * (high - low), low + 0.15 * (high - low));
            Assert.InRange(figure.High, high - 0.15 * (high - low), high + 0.15 * (high - low));
        }
    }

    [Fact]
    public void About_95_of_100_intervals_hold_the_truth_about_speakers_that_were_never_met()
    {
        const int trials = 250;
        var drawn = Enumerable.Range(0, trials).Count(seed => Holds(WordsOfSpeakers(seed, 5)));
        var kept = Enumerable.Range(0, trials).Count(seed => Holds(WordsOfSpeakers(seed, 4)));
        Assert.InRange(drawn, 0.90 * trials, trials); // two stages of drawing err on the wide side
        Assert.InRange(kept, 0.60 * trials, 0.89 * trials); // about these four speakers only, as the scope says

        bool Holds(LipSol.Language.Evaluation.Evaluation e) => EvaluationReport.From(e, resamples: 200).Figures["word_accuracy"] is var f && f.Low <= 0.7 && f.High >= 0.7;
    }

    [Fact]
    public void The_speakers_of_training_and_the_others_are_drawn_apart()
    {
        var scopes = EvaluationReport.From(EvaluationFile.Create("d", Enumerable.Range(0, 60).Select(i =>
            new EvaluatedSample($"c{i:00}", i < 30 ? "trained" : $"other{i % 6}", i < 30, "bin blue", i % 3 == 0 ? "bin" : "bin blue", 0.5)))).Scopes;
        Assert.Equal((60, 60, 7, 6), (scopes["all"].Samples, scopes["all"].Clips, scopes["all"].Speakers, scopes["all"].SpeakersDrawn));
        Assert.Equal((1, 0), (scopes["seen"].Speakers, scopes["seen"].SpeakersDrawn));
        Assert.Equal((6, 6), (scopes["unseen"].Speakers, scopes["unseen"].SpeakersDrawn));
    }

    [Fact]
    public void A_report_is_one_json_document_with_urdu_as_it_is_written()
    {
        var report = EvaluationReport.From(Simulated(1, 6, 4, 0.1));
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        var json = JsonSerializer.Serialize(report, options);
        Assert.Contains("تھ", json, StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize<EvaluationReport>(json, options)!;
        Assert.Equal(report.Figures, read.Figures);
        Assert.Equal(report.Scopes, read.Scopes);
        Assert.Equal(json, JsonSerializer.Serialize(read, options));
    }

    // Sentences of the six slots; a speaker's share of wrong words is 0.3 give or take the difference.
    private static LipSol.Language.Evaluation.Evaluation Simulated(int seed, int speakers, int clips, double difference, bool allUnseen = false)
    {
        var random = new Random(seed);
        var samples = new List<EvaluatedSample>();
        for (var s = 0; s < speakers; s++)
        {
            var wrong = 0.3 + difference * (2 * random.NextDouble() - 1);
            for (var c = 0; c < clips; c++)
            {
                var said = UrduLexicon.Slots.Select(slot => slot[random.Next(slot.Count)]).ToArray();
                var read = said.Where(_ => random.NextDouble() > 0.05).Select(w => random.NextDouble() < wrong ? UrduLexicon.Words[random.Next(27)] : w).ToList();
                if (random.NextDouble() < 0.1) read.Insert(random.Next(read.Count + 1), "ا\u0655"); // a grapheme of two code points
                samples.Add(new EvaluatedSample($"s{s}c{c}", $"s{s}", !allUnseen && s % 2 == 0, string.Join(' ', said), string.Join(' ', read), random.NextDouble()));
            }
        }
        return EvaluationFile.Create("d", samples);
    }

    private static LipSol.Language.Evaluation.Evaluation WordsOfSpeakers(int seed, int speakers)
    {
        var random = new Random(seed * 31 + speakers);
        return EvaluationFile.Create("d", Enumerable.Range(0, speakers).SelectMany(s =>
        {
            // Shares of a mean of 0.7 and a standard deviation of 0.1: a sum of three uniform variables over three is near enough to normal.
            var right = 0.7 + 0.1 * 2 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
            return Enumerable.Range(0, 20).Select(c => new EvaluatedSample($"s{s}c{c}", $"s{s}", false, "x", random.NextDouble() < right ? "x" : "y", 0.5)).ToArray();
        }));
    }
}
