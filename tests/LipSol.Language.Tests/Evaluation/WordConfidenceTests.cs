using System.Text;
using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Evaluation;

public sealed class WordConfidenceTests
{
    private static readonly EvaluatedSample[] Samples =
    [
        new("a", "s", true, "bin blue now", "bin red", 0.1) { Words = [new("bin", 0.95), new("red", 0.35)] },
        new("b", "s", true, "lay red", "lay red soon", 0.1) { Words = [new("lay", 0.95), new("red", 0.85), new("soon", 0.35)] },
        new("c", "s", true, "set white", "set white", 0.9),
        new("d", "s", true, "now", "now", 0.85),
    ];

    [Fact]
    public void Each_word_answers_with_its_own_confidence_and_a_sentence_without_any_does_not()
    {
        Assert.Equal([(0.95, true), (0.35, false), (0.95, true), (0.85, true), (0.35, false), (0.85, true)], WordAnswers.Of(Samples));
        var report = EvaluationReport.From(EvaluationFile.Create("d", Samples));
        Assert.Equal(6, report.WordReliability!.Bins.Sum(b => b.Count));
        Assert.Equal((2 * 0.05 + 2 * 0.35 + 2 * 0.15) / 6, report.WordReliability.ExpectedError, 12);
        Assert.Equal(4, report.SampleReliability!.Bins.Sum(b => b.Count));
        Assert.Equal(report.CalibrationError, report.SampleReliability.ExpectedError);
        Assert.Null(EvaluationReport.From(EvaluationFile.Create("d", [Samples[2]])).WordReliability);
    }

    [Fact]
    public void Words_survive_the_file_and_a_file_from_before_they_were_kept_is_read()
    {
        var read = EvaluationFile.Read(EvaluationFile.ToBytes(EvaluationFile.Create("d", [new("a", "s", true, "ہم کب", "ہم", 0.5) { Words = [new("ہم", 0.75)] }])));
        Assert.Equal(new EvaluatedWord("ہم", 0.75), Assert.Single(read.Samples[0].Words!));
        Assert.Null(EvaluationFile.Read(File("")).Samples[0].Words);
        // An evaluation without them is written as it always was.
        Assert.DoesNotContain("\"words\"", Encoding.UTF8.GetString(EvaluationFile.ToBytes(EvaluationFile.Create("d", [Samples[2]]))));
    }

    [Fact]
    public void Words_that_are_not_those_of_the_text_are_refused()
    {
        Assert.Throws<ArgumentException>(() => EvaluationFile.Create("d", [new("a", "s", true, "x", "x y", 0.5) { Words = [new("x", 1)] }]));
        Assert.Throws<InvalidDataException>(() => EvaluationFile.Read(File(",\"words\":[{\"text\":\"y\",\"confidence\":1}]")));
    }

    private static byte[] File(string words) => Encoding.UTF8.GetBytes(
        $$"""{"dataHash":"d","testHash":"{{EvaluationFile.TestHash([("a", "x", null)])}}","samples":[{"id":"a","speaker":"s","seen":true,"expected":"x","text":"x","confidence":0.5,"estimatedTimes":false{{words}}}]}""");
}
