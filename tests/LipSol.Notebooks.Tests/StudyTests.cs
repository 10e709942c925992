using System.Xml.Linq;
using LipSol.Client;
using static LipSol.Notebooks.Tests.Samples;

namespace LipSol.Notebooks.Tests;

public sealed class StudyTests
{
    private static readonly StartRun Base = new() { Network = "word-tcn", Corpus = "c" };

    [Fact]
    public void A_curve_shows_each_size_with_its_interval_and_its_runs()
    {
        var study = Curve(StudyPlan.OverClips(Base, [50, 100, null], [1, 2]), (50, 0.5), (100, 0.7), (200, 0.8));
        var html = Shown(study);
        Assert.Contains("Word accuracy over training clips: word-tcn on c", html);
        Assert.Contains("50 clips, 4 speakers", html);
        Assert.Contains("± 2.0", html);
        var svg = XDocument.Parse(new LearningCurveChart(study).ToSvg()).Root!;
        Assert.Equal("svg", svg.Name.LocalName);
        var circles = svg.Descendants().Where(e => e.Name.LocalName == "circle").ToArray();
        Assert.Equal(3 + 3 * 2, circles.Length);
        var means = circles.Where(c => (string)c.Attribute("r")! == "4").ToArray();
        Assert.Equal(3, means.Length);
        // Up is better, and to the right is more.
        double At(int i, string axis) => double.Parse((string)means[i].Attribute(axis)!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(At(0, "cx") < At(1, "cx") && At(1, "cx") < At(2, "cx"));
        Assert.True(At(0, "cy") > At(1, "cy") && At(1, "cy") > At(2, "cy"));
        // Sizes that double are as far from each other.
        Assert.Equal(At(1, "cx") - At(0, "cx"), At(2, "cx") - At(1, "cx"), 0.2);
    }

    [Fact]
    public void A_fitted_curve_is_dashed_and_goes_on_beyond_the_runs()
    {
        var study = Curve(StudyPlan.OverClips(Base, [50, 100, null], [1, 2]), (50, 0.5), (100, 0.7), (200, 0.8));
        var fit = new CurveFit(0, false, 0.5, [new(50, 0.5, 0.4, 0.6, 0.25), new(200, 0.8, 0.7, 0.9, 1), new(400, 0.87, 0.7, 0.95, 2), new(800, 0.9, 0.7, 0.97, 4)], new NeededSize(0.9, 800, 600, 500, null, 0.6));
        study = study with { Summaries = study.Summaries! with { Curves = new Dictionary<string, CurveFit> { ["word_accuracy"] = fit } } };
        var svg = XDocument.Parse(new LearningCurveChart(study).ToSvg());
        var dashed = Assert.Single(svg.Descendants(), e => e.Attribute("stroke-dasharray") is not null);
        // Twice as far as the runs reach, and no further.
        Assert.Equal(3, ((string)dashed.Attribute("points")!).Split(' ').Length);
        Assert.Single(svg.Descendants(), e => e.Name.LocalName == "polygon");
        Assert.Contains("800", Shown(study));
    }

    [Fact]
    public void Speakers_stand_below_each_other_and_all_of_them_last()
    {
        var plan = StudyPlan.LeaveOneSpeakerOut(Base, ["رضا", "<sana>"], [1]);
        var groups = plan.Groups.Select((g, i) => Group(g.Label, 100, 0.6 + 0.2 * i, g.Speaker)).ToArray();
        var study = new Study(plan, [], new RunSummaries { Groups = groups, Across = new Dictionary<string, SpreadEstimate> { ["word_accuracy"] = new(0.7, 0.14, 0, 1, 2, 40, 40) } });
        var html = Shown(study);
        Assert.Contains("&lt;sana&gt;", html);
        Assert.Contains("over speakers", html);
        XDocument.Parse(new SpreadChart(study).ToSvg());
    }

    [Fact]
    public void What_cannot_be_drawn_is_said()
    {
        var seeds = new Study(StudyPlan.Seeds(Base, [1]), [], new RunSummaries { Groups = [Group("all", 10, 0.5)] });
        Assert.Throws<ArgumentException>(() => new LearningCurveChart(seeds));
        Assert.Throws<ArgumentException>(() => new SpreadChart(seeds, "cer.unseen"));
        Assert.Contains("No run has completed", Shown(new Study(StudyPlan.Seeds(Base, [1]), [], null)));
        Shown(seeds);
    }

    [Fact]
    public void A_saliency_shows_its_picture_and_how_much_lies_on_the_mouth()
    {
        var found = new Saliency
        {
            Model = "m", Version = 1, RunId = "r", DataHash = "d", Said = "ایک", Text = "دو", Confidence = 0.5, Evidence = 1, Where = [[0, 1], [1, 0]],
            When = [new FrameSaliency(0.02, 1, true)], MouthShare = 0.81, MouthArea = 0.34, Picture = Strip(1),
        };
        var html = Shown(found);
        Assert.Contains("data:image/png;base64,", html);
        Assert.Contains("81 %", html);
        Assert.Contains("wrong", html);
    }

    private static Study Curve(StudyPlan plan, params (int Clips, double Mean)[] sizes) =>
        new(plan, [], new RunSummaries { Groups = [.. sizes.Zip(plan.Groups, (size, group) => Group(group.Label, size.Clips, size.Mean))] });

    private static RunGroupSummary Group(string label, int clips, double mean, string? speaker = null) => new()
    {
        Label = label, Speaker = speaker, TrainClips = clips, TrainSpeakers = 4,
        Figures = new Dictionary<string, SpreadEstimate> { ["word_accuracy"] = new(mean, 0.02, mean - 0.1, mean + 0.1, 2, 40, 40), ["cer"] = new(1 - mean, 0.02, 0, 1, 2, 40, 40) },
        Runs = [new RunInGroup("r1", 1, new Dictionary<string, double> { ["word_accuracy"] = mean - 0.02 }), new RunInGroup("r2", 2, new Dictionary<string, double> { ["word_accuracy"] = mean + 0.02 })],
    };
}
