using System.Globalization;
using System.Xml.Linq;
using LipSol.Client;
using static LipSol.Notebooks.Tests.Samples;

namespace LipSol.Notebooks.Tests;

public sealed class EvaluationTests
{
    [Fact]
    public void An_evaluation_shows_each_figure_with_its_interval_and_over_how_much_it_was_counted()
    {
        var html = Shown(Evaluation());
        Assert.Contains("urdu-sentences version 3 on urdu, test split", html);
        Assert.Contains("[10.0, 30.0]", html);
        Assert.Contains("40 clips, 240 words, 1000 letters", html);
        Assert.Contains("6 speakers, drawn for the interval", html);
        Assert.Contains("1 speaker, the interval is about these", html);
        // All, seen, unseen, then speakers.
        int[] places = [.. new[] { ">all speakers<", ">seen speakers<", ">s9<" }.Select(s => html.IndexOf(s, StringComparison.Ordinal))];
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain(-1, places);
    }

    [Fact]
    public void Kinds_of_error_are_drawn_to_one_scale()
    {
        var bars = XElement.Parse("<x>" + ErrorKindBars.Of(Evaluation().Details!) + "</x>").Descendants("svg").ToArray();
        // Words of all: 30 + 12 + 6 of 240 = 20 %, the most of all scopes, fills the width of 220.
        double[] widths = [.. bars[0].Elements("rect").Select(r => double.Parse(r.Attribute("width")!.Value, CultureInfo.InvariantCulture))];
        Assert.Equal([137.5, 55, 27.5], widths);
        Assert.Equal(220 * 0.1 / 0.2, bars[1].Elements("rect").Sum(r => double.Parse(r.Attribute("width")!.Value, CultureInfo.InvariantCulture)), 1);
        Assert.Contains("substitutions 12.5 %, deletions 5.0 %, insertions 2.5 %", bars[0].Attribute("aria-label")!.Value);
    }

    [Fact]
    public void Confused_letters_stand_where_they_belong_and_keep_their_direction()
    {
        var grid = new ConfusionGrid("Letters", [new("ب", "ب", 7), new("ب", "پ", 3), new("ں", "", 2), new("", " ", 1), new(" ", " ", 9)]);
        Assert.Equal(new ReadAs("ب", "پ", 3), grid.Mistakes[0]);
        var html = Shown(grid);
        var table = XElement.Parse(html[html.IndexOf("<table", StringComparison.Ordinal)..(html.IndexOf("</table>", StringComparison.Ordinal) + 8)]);
        Assert.Equal("ltr", table.Attribute("dir")!.Value);
        string[] columns = [.. table.Elements("tr").First().Elements("th").Skip(1).Select(th => th.Value)];
        Assert.Equal(["∅", "␣", "ب", "ں", "پ"], columns.OrderBy(c => Array.IndexOf(["∅", "␣", "ب", "ں", "پ"], c)));
        string Cell(string said, string read) => table.Elements("tr").Single(tr => tr.Elements().First().Value == said && tr.Elements("td").Any()).Elements("td").ElementAt(Array.IndexOf(columns, read)).Value;
        Assert.Equal(("3", "7", "2", "1", "9", ""), (Cell("ب", "پ"), Cell("ب", "ب"), Cell("ں", "∅"), Cell("∅", "␣"), Cell("␣", "␣"), Cell("پ", "ب")));
        Assert.Contains("<bdi lang=\"ur\" dir=\"rtl\" class=\"urdu \">ب</bdi>", html);
        Assert.Contains("title=\"\u2068ب\u2069 → \u2068پ\u2069\"", html);
    }

    [Fact]
    public void Of_many_symbols_those_with_the_most_mistakes_are_shown_and_the_rest_is_counted()
    {
        var html = Shown(new ConfusionGrid("Letters", [.. Enumerable.Range(0, 40).Select(i => new ReadAs($"a{i:00}", $"a{(i + 1) % 40:00}", i + 1))]) { Most = 10 });
        Assert.Contains("30 more are left out", html);
        Assert.Contains(">a39<", html);
        Assert.DoesNotContain(">a05<", html);
    }

    [Fact]
    public void A_reliability_diagram_draws_each_bin_that_has_answers_where_its_accuracy_is()
    {
        var svg = ReliabilityChart.Svg("Confidence of words", new Reliability(0.07, [new(0, 0.5, 0.3, 0.25, 20), new(0.5, 0.75, 0, 0, 0), new(0.75, 1, 0.9, 1, 80)]));
        Assert.Contains("calibration error 7.0 %; 100 answers", svg);
        var bars = XElement.Parse(svg).Descendants("rect").ToArray();
        Assert.Equal(2, bars.Length);
        // 190 high: a quarter is 47.5, all is 190; the fuller bin is darker.
        Assert.Equal(["47.5", "190"], bars.Select(b => b.Attribute("height")!.Value));
        Assert.Equal(["0.35", "0.8"], bars.Select(b => b.Attribute("opacity")!.Value));
        Assert.DoesNotContain("NaN", svg);
    }

    [Fact]
    public void The_worst_clips_show_what_was_said_and_read_right_to_left_with_their_mouths()
    {
        var evaluation = Evaluation();
        var html = Shown(new EvaluationView(evaluation, new Dictionary<string, byte[]> { ["s1/a"] = Strip(5) }));
        Assert.Contains("<bdi lang=\"ur\" dir=\"rtl\" class=\"urdu \">آپ کب</bdi>", html);
        Assert.Contains(">nothing<", html); // a clip of which nothing was read
        Assert.Contains("--frames:5;", html);
        Assert.DoesNotContain("<img", html);
        Assert.DoesNotContain("--frames:", Shown(evaluation));
        Assert.DoesNotContain("s9/b", Shown(new EvaluationView(evaluation) { Worst = 1 }));
    }

    [Fact]
    public void An_evaluation_of_a_node_that_tells_no_details_is_shown_by_its_figures()
    {
        var html = Shown(Evaluation() with { Details = null, Worst = [] });
        Assert.Contains("40 samples", html);
        Assert.DoesNotContain("Kinds of error", html);
        Assert.DoesNotContain("Worst clips", html);
    }

    private static ModelEvaluation Evaluation() => new()
    {
        Model = "urdu-sentences",
        Version = 3,
        Corpus = "urdu",
        DataHash = "0123456789abcdef",
        Figures = new Dictionary<string, Estimate>
        {
            ["wer.speaker:s9"] = new(0.1, 0, 1, 4),
            ["wer.seen"] = new(0.1, 0.05, 0.15, 20),
            ["wer"] = new(0.2, 0.1, 0.3, 40),
            ["cer"] = new(0.1, 0.05, 0.2, 40),
            ["sentence_accuracy"] = new(0.5, 0.4, 0.6, 40),
        },
        Details = new EvaluationDetails
        {
            Scopes = new Dictionary<string, EvaluationScope>
            {
                ["speaker:s9"] = new(4, 4, 1, 0, new(24, 2, 0, 0), new(100, 5, 0, 0)),
                ["all"] = new(40, 40, 6, 6, new(240, 30, 12, 6), new(1000, 60, 30, 10)),
            },
            Words = [new("آپ", "آپ", 5)],
            Letters = [new("ب", "پ", 3), new("ب", "ب", 9)],
            Visemes = [new("Bilabial", "Open", 2)],
            WordsWithoutVisemes = 2,
            SampleReliability = new Reliability(0.1, [new(0, 1, 0.6, 0.5, 40)]),
        },
        Samples = [],
        Worst = [new("s1/a", "s1", true, "آپ کب", "وہ <img src=x>", 0.9), new("s9/b", "s9", false, "ہم", "", 0.2)],
    };
}
