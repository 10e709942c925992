using System.Globalization;
using System.Xml.Linq;

namespace LipSol.Pipelines.Tests.Pictures;

public sealed class PictureTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 2, 30, 0, TimeSpan.Zero);

    [Fact]
    public void The_terminal_shows_what_depends_on_what_and_why_each_step_is_as_it_is()
    {
        string[] lines = TextPicture.Draw(Steps(), 100).TrimEnd().Split('\n');
        Assert.Equal(
        [
            "✔    \u2068نئی ریکارڈنگ\u2069  prepare   done       12 s",
            "│      Since run 1: folder was 24 clips and is 30 clips.",
            "├─≡  small         train     as before",
            "│ │    Inputs, settings and code are those of run 1: what it left is taken.",
            "▶ │  wide          train     running    3 min 5 s",
            "│ │    It wasn't done before.",
            "○─╯  best          choose    waiting",
            "│",
            "├─○  figures       evaluate  waiting",
            "│",
            "○    gate          gate      waiting",
            "│",
            "○    production    promote   waiting",
        ], lines.Select(l => l.TrimEnd('\r')));
    }

    [Fact]
    public void The_picture_is_SVG_with_every_step_once_and_Urdu_from_right_to_left()
    {
        XElement svg = XElement.Parse(SvgPicture.Draw(Steps(), "daily-digits"));
        XNamespace ns = svg.Name.Namespace;
        Assert.Equal(7, svg.Descendants(ns + "rect").Count());
        XElement urdu = svg.Descendants(ns + "text").Single(t => t.Value == "نئی ریکارڈنگ");
        Assert.Equal("rtl", (string?)urdu.Attribute("direction"));
        Assert.Null(svg.Descendants(ns + "text").Single(t => t.Value == "small").Attribute("direction"));
        // Nothing lies over anything else.
        (int X, int Y)[] boxes = [.. svg.Descendants(ns + "rect").Select(r => ((int)r.Attribute("x")!, (int)r.Attribute("y")!))];
        Assert.Equal(boxes.Length, boxes.Distinct().Count());
        Assert.All(boxes, b => Assert.True(b.X >= 0 && b.Y >= 0));
    }

    [Fact]
    public void Names_are_text_whatever_stands_in_them()
    {
        string svg = SvgPicture.Draw([new PictureStep("<script>alert(1)</script>", "train", StepStatus.Failed, [], "a & b \"c\"", null)], "<b>");
        Assert.DoesNotContain("<script", svg);
        XElement.Parse(svg);
    }

    [Fact]
    public void Every_ground_carries_white_text_and_stands_out_from_black_and_white()
    {
        foreach (StepStatus? status in Enum.GetValues<StepStatus>().Cast<StepStatus?>().Append(null))
        {
            double ground = Luminance(SvgPicture.Ground(status));
            Assert.True(1.05 / (ground + 0.05) >= 4.5, $"{status}: {1.05 / (ground + 0.05):0.00}");
            Assert.True((ground + 0.05) / 0.05 >= 2, $"{status} on black");
        }
    }

    [Fact]
    public void A_long_way_crosses_no_box()
    {
        PictureStep[] steps = [Step("a"), Step("b", 0), Step("c", 1), Step("d", 2, 0)];
        XElement svg = XElement.Parse(SvgPicture.Draw(steps, "x"));
        Assert.True((int)svg.Attribute("height")! > 100, "the line from a to d has a row of its own");
    }

    [Fact]
    public void Lanes_that_cross_without_meeting_are_bridged()
    {
        string[] lines = TextPicture.Draw([Step("a"), Step("b"), Step("c", 0, 1), Step("d", 0), Step("e", 1, 3)], 80).Split('\n');
        Assert.StartsWith("○ ", lines[0]);
        Assert.Contains(lines, l => l.StartsWith("├─┼─○", StringComparison.Ordinal));
    }

    private static PictureStep Step(string name, params int[] needs) => new(name, "train", StepStatus.Waiting, needs, null, null);

    private static IReadOnlyList<PictureStep> Steps()
    {
        PipelineDefinition definition = PipelineFile.Read(Examples.Daily);
        PipelineRunState run = PipelineMachine.New(new PipelineRunState { Pipeline = "daily-digits", Number = 2, DefinitionVersion = 1, Definition = "", For = Now, Day = "2026-11-01", Steps = [] }, definition);
        run = run with
        {
            Steps = [.. run.Steps.Select(s => s.Name switch
            {
                "clips" => s with { Status = StepStatus.Done, StartedAt = Now, EndedAt = Now.AddSeconds(12), Why = "Since run 1: folder was 24 clips and is 30 clips." },
                "small" => s with { Status = StepStatus.Cached, StartedAt = Now, EndedAt = Now, Why = "Inputs, settings and code are those of run 1: what it left is taken." },
                "wide" => s with { Status = StepStatus.Running, StartedAt = Now.AddSeconds(12), Why = "It wasn't done before." },
                _ => s,
            })],
        };
        return PictureStep.Of(definition, run, Now.AddSeconds(12 + 185));
    }

    private static double Luminance(string colour)
    {
        double[] parts = [.. Enumerable.Range(0, 3).Select(i => int.Parse(colour.AsSpan(1 + 2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0).Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4))];
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }
}
