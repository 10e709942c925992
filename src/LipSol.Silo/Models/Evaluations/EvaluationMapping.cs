using LipSol.Client;
using LipSol.Language.Decoding;
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

    public static IReadOnlyDictionary<string, Estimate> ToMessage(this IReadOnlyDictionary<string, Figure> figures) => figures.ToDictionary(f => f.Key, f => f.Value.ToMessage());

    public static Estimate ToMessage(this Figure figure) => new(figure.Value, figure.Low, figure.High, figure.Count);

    public static SampleReading ToMessage(this EvaluatedSample s) => new(s.Id, s.Speaker, s.Seen, s.Expected, s.Text, s.Confidence);

    /// <summary>What the decoders made of the same samples, each against the one whose figures the evaluation has.</summary>
    public static DecoderEvaluation[] ToMessage(this IReadOnlyList<(DecoderKind Kind, Evaluation Evaluation)> read, DecoderKind own) =>
        [.. read.Select(r => ToMessage(r.Kind, r.Evaluation, r.Kind == own ? null : read.Single(o => o.Kind == own).Evaluation))];

    private static DecoderEvaluation ToMessage(DecoderKind kind, Evaluation evaluation, Evaluation? own)
    {
        var report = EvaluationReport.From(evaluation);
        return new DecoderEvaluation
        {
            Decoder = DecoderNames.Of(kind),
            Figures = report.Figures.ToMessage(),
            Differences = own is null ? new Dictionary<string, Estimate>() : PairedComparison.Of(evaluation, own).Figures.ToDictionary(f => f.Key, f => f.Value.Difference.ToMessage()),
            SampleReliability = ToMessage(report.SampleReliability),
            WordReliability = ToMessage(report.WordReliability),
            Samples = [.. evaluation.Samples.Select(ToMessage)],
        };
    }

    private static ErrorKinds Kinds(EditCounts counts) => new(counts.Reference, counts.Substitutions, counts.Deletions, counts.Insertions);

    private static ReadAs[] Pairs(ConfusionMatrix matrix) =>
        [.. matrix.Words.SelectMany((said, i) => matrix.Words.Select((read, j) => new ReadAs(said, read, matrix.Counts[i][j]))).Where(p => p.Count > 0)
            .OrderByDescending(p => p.Count).ThenBy(p => p.Said, StringComparer.Ordinal).ThenBy(p => p.Read, StringComparer.Ordinal)];

    private static Reliability? ToMessage(ReliabilityDiagram? diagram) => diagram is null ? null
        : new Reliability(diagram.ExpectedError, [.. diagram.Bins.Select(b => new ReliabilityBin(b.Low, b.High, b.Confidence, b.Accuracy, b.Count))]);
}
