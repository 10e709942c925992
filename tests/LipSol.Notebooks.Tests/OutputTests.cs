using System.Globalization;
using System.Text.RegularExpressions;
using LipSol.Client;
using static LipSol.Notebooks.Tests.Samples;

namespace LipSol.Notebooks.Tests;

public sealed class OutputTests
{
    [Fact]
    public void Urdu_words_run_right_to_left_and_names_cannot_inject_markup()
    {
        var html = Shown(Reading("ہاں", "نہیں"));
        Assert.Contains("<bdi lang=\"ur\" dir=\"rtl\" class=\"urdu big\">ہاں</bdi>", html);
        Assert.Contains("looks the same on the lips", html);
        Assert.Contains("87.5 %", html);
        Assert.Contains("trained on drawn speakers only", html);
        Assert.DoesNotContain("<img", Shown(Reading("<img src=x onerror=alert(1)>")));
    }

    [Fact]
    public void A_strip_becomes_an_animation_of_its_own_number_of_frames()
    {
        var html = Shown(new MouthGallery([new MouthPicture(Strip(25), "ایک", "s1"), new MouthPicture(Strip(1), "دو", "s2")]));
        Assert.Contains("--frames:25;--time:1s;background-size:2500% 100%", html);
        Assert.Contains("--frames:1;", html);
        Assert.Contains("animation:none", html);
        Assert.Throws<ArgumentException>(() => Shown(new MouthGallery([new MouthPicture([1, 2, 3], "x", "y")])));
    }

    [Fact]
    public void A_corpus_names_what_is_synthetic_unseen_alike_and_refused()
    {
        var html = Shown(new CorpusDetails
        {
            Summary = new CorpusSummary { Name = "c", Kind = "synthetic", Language = "ur", DataHash = "0123456789abcdef", Clips = 10, Refused = 7, FramesTracked = 0.995 },
            Splits = new Dictionary<string, int> { ["train"] = 6, ["test"] = 4 },
            Speakers = [new("s1", true, 6, 0, 2), new("s5", false, 0, 0, 2)],
            Words = new Dictionary<string, int> { ["ایک"] = 5, ["آٹھ"] = 5 },
            Homophenes = [["ایک", "آٹھ"]],
            RefusedClips = [.. Enumerable.Range(0, 7).Select(i => new RefusedClip($"s1/{i}", "no face"))],
        });
        Assert.Contains("synthetic: drawn speakers", html);
        Assert.Contains("unseen", html);
        Assert.Contains("Alike on the lips", html);
        Assert.Contains("and 2 more", html);
        Assert.Contains("99.50 %", html);
    }

    [Fact]
    public void A_node_at_a_glance_tells_what_is_in_production_and_how_to_get_what_is_missing()
    {
        var summary = new CorpusSummary { Name = "صاف <corpus>", Kind = "synthetic", Language = "ur", DataHash = "0123456789abcdef", Clips = 10, Refused = 7, FramesTracked = 0.995 };
        var version = new ModelVersion("m", 2, "run-1", "0123", DateTimeOffset.UnixEpoch, new Dictionary<string, Estimate> { ["wer"] = new(0.125, 0.1, 0.2, 40) }, 1e-6);
        var html = Shown(new NodeOverview([summary], [new Model("m", [version], new Dictionary<string, int> { ["production"] = 2 }, [])], [Run("run-1", 0.9, name: "a run")], []));
        Assert.Contains("dir=\"rtl\"", html);
        Assert.DoesNotContain("<corpus>", html);
        Assert.Contains("version 2", html);
        Assert.Contains("12.5 %", html);
        Assert.Contains("Notebook 04 writes one", html);
        Assert.Contains("Notebook 01 trains the first", Shown(new NodeOverview([], [], [], [])));
    }

    [Fact]
    public void Curves_stand_in_the_order_of_their_runs_whichever_tells_first()
    {
        string Drawn(params (string Series, int Run)[] points)
        {
            var chart = new MetricChart("Loss");
            foreach (var (series, run) in points) chart.Add(series, 1, run, run);
            return Shown(chart);
        }

        Assert.Equal(Drawn(("first", 0), ("second", 1), ("third", 2)), Drawn(("third", 2), ("first", 0), ("second", 1)));
    }

    [Theory]
    [InlineData(true, "is in production")]
    [InlineData(false, "stays a candidate")]
    public void A_decision_tells_its_reason_and_its_figures(bool promoted, string said)
    {
        var html = Shown(new PromotionDecision("m", 2, promoted, "because < of it", "word_accuracy", 0.8, 0.95, new(0.9, 0.8, 0.95, 50), promoted ? null : new(0.91, 0.8, 0.95, 50),
            promoted ? null : 0.4, promoted ? null : 1, DateTimeOffset.UnixEpoch));
        Assert.Contains(said, html);
        Assert.Contains("because &lt; of it", html);
        Assert.Contains("[80.0, 95.0]", html);
    }

    [Fact]
    public void A_decision_tells_every_threshold_and_the_difference_and_what_could_not_be_loaded()
    {
        var evidence = new GateEvidence(true, [new("wer", 0.3, new(0.2, 0.1, 0.3, 50), true), new("word_accuracy.unseen", 0.6, new(0.5, 0.4, 0.6, 20), false)], "data-hash", "test-hash", "e1", new(true, new(0.05, 0.01, 0.1, 50), 40, 2000, "e2", true));
        var html = Shown(new PromotionDecision("m", 2, false, "no", "wer", null, 0.95, new(0.9, 0.8, 0.95, 50), new(0.85, 0.8, 0.95, 50), 0.97, 1, DateTimeOffset.UnixEpoch) { Evidence = evidence });
        Assert.Contains("Difference +5.0 % [+1.0, +10.0] over 40 clips", html);
        Assert.Contains("production was measured on them for this", html);
        Assert.Contains("✗ word_accuracy.unseen", html);
        Assert.Contains("at most 30.0 %", html);
        Assert.Contains("not loaded", html);
    }

    [Fact]
    public void The_run_that_is_best_on_val_is_chosen_whatever_the_test_says_and_only_differing_parameters_are_shown()
    {
        var comparison = new RunComparison([Run("a", val: 0.8), Run("b", val: 0.9), Run("c", val: 0.99, status: RunStatus.Stopped)]);
        Assert.Equal("b", comparison.BestOnVal!.Id);
        var html = Shown(comparison);
        Assert.Contains("learning_rate", html);
        Assert.DoesNotContain("epochs", html);
        Assert.Null(new RunComparison([]).BestOnVal);
        Shown(new RunComparison([]));
    }

    [Fact]
    public void Readings_of_one_clip_by_several_decoders_stand_beside_one_picture_of_it()
    {
        var clip = new ClipEntry { Id = "c", Speaker = "s", Seen = false, Split = "test", Text = "ایک", Frames = 5, FramesTracked = 1 };
        var html = Shown(new ReadingTable([
            new Reading(clip, Reading("دو") with { Decoder = "greedy" }, Strip(5)),
            new Reading(clip, Reading("") with { Decoder = "grammar" }, Strip(5)),
            new Reading(clip with { Id = "d" }, Reading("ایک") with { Decoder = "greedy" }, Strip(5)),
        ]));
        Assert.Equal(2, Regex.Count(html, "class=\"mouth\""));
        Assert.Equal(3, Regex.Count(html, "rowspan=\"2\""));
        Assert.Contains("<th>decoder</th>", html);
        Assert.Contains(">nothing<", html);
        Assert.DoesNotContain("<th>decoder</th>", Shown(new ReadingTable([new Reading(clip, Reading("دو"), Strip(5))])));
    }

    [Theory]
    [InlineData("wer", "at most 25.0 % wer")]
    [InlineData("word_accuracy", "at least 25.0 % word accuracy")]
    public void The_gate_asks_for_at_most_so_many_errors_and_for_at_least_so_much_accuracy(string metric, string asked)
        => Assert.Contains(asked, Shown(new PromotionDecision("m", 2, true, "so", metric, 0.25, 0.95, null, null, null, null, DateTimeOffset.UnixEpoch)));

    [Fact]
    public void A_transcription_names_its_decoder_and_what_is_worth_knowing_about_the_clip()
    {
        var html = Shown(Reading("ایک") with { Decoder = "beam", Notes = ["Two faces < one."] });
        Assert.Contains("beam decoder", html);
        Assert.Contains("Two faces &lt; one.", html);
    }

    [Fact]
    public void Runs_that_differ_in_what_they_start_from_say_so()
    {
        var pretrained = Run("b", val: 0.9) with { InitFrom = InitialWeights.OfVersion("grid<@3") };
        Assert.Contains("from the version grid&lt;@3", Shown(pretrained));
        var html = Shown(new RunComparison([Run("a", val: 0.8), pretrained]));
        Assert.Contains("random weights", html);
        Assert.Contains("grid&lt;@3", html);
        Assert.DoesNotContain("starts from", Shown(new RunComparison([Run("a", val: 0.8), Run("b", val: 0.9)])));
    }

    [Fact]
    public void Figures_are_written_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            var chart = new MetricChart("x");
            chart.Add("s", 10, 1.5);
            Assert.DoesNotMatch("points=\"[0-9]+,[0-9]+,", Shown(chart));
            Assert.Contains("87.5 %", Shown(Reading("x")));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Every_shown_type_has_a_formatter()
    {
        Shown(Run("a", val: 0.5));
        Shown(new Estimate(double.NaN, 0, 1, 0));
        Shown(new NodeStatus("n", "1", DateTimeOffset.UnixEpoch, [new("n", 0, "cpu", 2, "run-1")], [new("r", 0, "no slot")]));
        Shown(new ModelVersion("m", 1, "r", "d", DateTimeOffset.UnixEpoch, new Dictionary<string, Estimate>(), 1e-6));
        Shown(new ReadingTable([new Reading(Clip("ایک"), Reading("دو"), Strip(5)), new Reading(Clip("ایک"), Reading("ایک"))]));
        var confusions = new WordConfusions([("ایک", "ایک"), ("ایک", "دو"), ("ایک", "دو")]);
        Assert.Equal(("ایک", "دو", 2), Assert.Single(confusions.Mistakes));
        Shown(confusions);

        static ClipEntry Clip(string text) => new() { Id = "c", Speaker = "s", Seen = false, Split = "test", Text = text, Frames = 5, FramesTracked = 1 };
    }
}
