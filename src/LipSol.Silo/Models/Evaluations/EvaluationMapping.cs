using LipSol.Client;
using LipSol.Language.Evaluation;
using LipSol.Language.Scoring;
using ReliabilityBin = LipSol.Client.ReliabilityBin;

namespace LipSol.Silo.Models.Evaluations;

/// <summary>From the report of an evaluation to the messages of the HTTP API.</summary>
internal static class EvaluationMapping
{
    public static EvaluationDetails ToDetails(this EvaluationReport report) => new()
    {
        Scopes = report.Scopes.ToDictionary(s => s.Key, s => new EvaluationScope(s.Value.Samples, s.Value.Clips, s.Value.Speakers, s.Value.SpeakersDrawn, Kinds(s.Value.Words), Kinds(s.Value.Letters))),
        Words = Pairs(report.Confusions),
        Letters = Pairs(report.LetterConfusions),
        Visemes = Pairs(report.VisemeConfusions),
        WordsWithoutVisemes = report.WordsWithoutVisemes,
        SampleReliability = ToMessage(report.SampleReliability),
        WordReliability = ToMessage(report.WordReliability),
    };

    private static ErrorKinds Kinds(EditCounts counts) => new(counts.Reference, counts.Substitutions, counts.Deletions, counts.Insertions);

    private static ReadAs[] Pairs(ConfusionMatrix matrix) =>
        [.. matrix.Words.SelectMany((said, i) => matrix.Words.Select((read, j) => new ReadAs(said, read, matrix.Counts[i][j]))).Where(p => p.Count > 0)
            .OrderByDescending(p => p.Count).ThenBy(p => p.Said, StringComparer.Ordinal).ThenBy(p => p.Read, StringComparer.Ordinal)];

    private static Reliability? ToMessage(ReliabilityDiagram? diagram) => diagram is null ? null
        : new Reliability(diagram.ExpectedError, [.. diagram.Bins.Select(b => new ReliabilityBin(b.Low, b.High, b.Confidence, b.Accuracy, b.Count))]);
}
