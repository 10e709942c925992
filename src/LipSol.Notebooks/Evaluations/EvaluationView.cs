using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>How well a version, or a run's model, reads: figures with their intervals and n, the decoders side by side, kinds of error, confusions, reliability, and the worst clips, with their mouths where <see cref="LoadAsync"/> fetched them.</summary>
/// <example>
/// <code>
/// await EvaluationView.LoadAsync(client, await client.Runs.GetEvaluationAsync(run.Id))
/// await EvaluationView.LoadAsync(client, await client.Models.EvaluateAsync("urdu-sentences", "urdu-sentences", decoder: Evaluate.AllDecoders))
/// </code>
/// </example>
public sealed class EvaluationView(ReadEvaluation evaluation, IReadOnlyDictionary<string, byte[]>? strips = null)
{
    private readonly IReadOnlyDictionary<string, byte[]> strips = strips ?? new Dictionary<string, byte[]>();

    /// <summary>What is shown.</summary>
    public ReadEvaluation Evaluation { get; } = evaluation ?? throw new ArgumentNullException(nameof(evaluation));

    /// <summary>Worst clips shown.</summary>
    public int Worst { get; init; } = 10;

    /// <summary>Fetches the mouth strips of the worst clips, four at a time. A clip without a picture is shown without.</summary>
    public static async Task<EvaluationView> LoadAsync(LipSolClient client, ReadEvaluation evaluation, int worst = 10, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(evaluation);
        using var four = new SemaphoreSlim(4);
        var pictures = await Task.WhenAll(evaluation.Worst.Take(worst).Select(async sample =>
        {
            await four.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return (sample.Id, Strip: (byte[]?)await client.Corpora.GetStripAsync(evaluation.Corpus, ClipId(sample.Id), cancellationToken: cancellation).ConfigureAwait(false));
            }
            catch (LipSolNotFoundException)
            {
                return (sample.Id, Strip: (byte[]?)null);
            }
            finally
            {
                four.Release();
            }
        })).ConfigureAwait(false);
        return new EvaluationView(evaluation, pictures.Where(p => p.Strip is not null).ToDictionary(p => p.Id, p => p.Strip!)) { Worst = worst };
    }

    internal string ToHtml()
    {
        var html = new StringBuilder($"<h4>{Whose()} on {Markup.Encode(Evaluation.Corpus)}, test split</h4><div class=\"soft\">data {Markup.Short(Evaluation.DataHash)}{(Evaluation.Decoder is { } decoder ? $"; decoder {Markup.Encode(decoder)}" : "")}</div>");
        html.Append(FigureTables.BySpeaker(Evaluation.Figures, Size));
        html.Append(FigureTables.ByDecoder([.. Evaluation.Decoders.Select(d => new DecoderRow(d.Decoder, d.Figures) { Differences = d.Differences, Words = d.WordReliability })], Evaluation.Decoder));
        if (Evaluation.Details is { } details)
        {
            html.Append(ErrorKindBars.Of(details)).Append("<div class=\"columns\">");
            if (details.SampleReliability is { } samples) html.Append(ReliabilityChart.Svg("Confidence of whole samples", samples));
            if (details.WordReliability is { } words) html.Append(ReliabilityChart.Svg("Confidence of words", words));
            html.Append("</div><div class=\"columns\">")
                .Append(new ConfusionGrid("Letters", details.Letters).ToHtml())
                .Append(new ConfusionGrid("Visemes", details.Visemes).ToHtml());
            if (details.WordsWithoutVisemes > 0) html.Append($"<div class=\"soft\">{details.WordsWithoutVisemes} words are left out of the visemes: what they look like isn't known.</div>");
            html.Append("</div>");
        }
        return html.Append(WorstClips()).ToString();
    }

    private string Whose() => Evaluation switch
    {
        ModelEvaluation model => $"{Markup.Encode(model.Model)} version {model.Version}",
        RunEvaluation run => $"Run {Markup.Encode(run.Run)} {Markup.Short(run.RunId)}",
        _ => "",
    };

    private string Size(string scope)
    {
        if (Evaluation.Details?.Scopes.GetValueOrDefault(scope) is not { } sizes)
            return Evaluation.Figures.FirstOrDefault(f => FigureTables.Scope(f.Key) == scope).Value is { } figure ? $"{figure.Count} samples" : "";
        var speakers = sizes.SpeakersDrawn == 0 ? ", the interval is about these" : sizes.SpeakersDrawn < sizes.Speakers ? $", {sizes.SpeakersDrawn} of them drawn for the interval" : ", drawn for the interval";
        return $"{Plural(sizes.Clips, "clip")}, {Plural(sizes.Words.Said, "word")}, {Plural(sizes.Letters.Said, "letter")}<br>{Plural(sizes.Speakers, "speaker")}{speakers}";
    }

    private string WorstClips()
    {
        if (Evaluation.Worst.Count == 0) return "";
        var html = new StringBuilder("<h4>Worst clips</h4><table><tr><th>clip</th><th>speaker</th><th>said</th><th>read</th><th>confidence</th></tr>");
        foreach (var sample in Evaluation.Worst.Take(Worst))
        {
            html.Append($"<tr><td>{(strips.TryGetValue(sample.Id, out var strip) ? MouthGallery.Sprite(new MouthPicture(strip, sample.Expected, "")) : "")}<span class=\"mono\">{Markup.Encode(sample.Id)}</span></td>"
                + $"<td>{Markup.Encode(sample.Speaker)} <span class=\"badge {(sample.Seen ? "good" : "warn")}\">{(sample.Seen ? "seen" : "unseen")}</span></td>"
                + $"<td>{Markup.Words(sample.Expected)}</td><td>{(sample.Text.Length == 0 ? "<span class=\"soft\">nothing</span>" : Markup.Words(sample.Text))}</td><td>{Markup.Bar(sample.Confidence, "amber")}</td></tr>");
        }
        return html.Append("</table>").ToString();
    }

    private static string Plural(long count, string noun) => Markup.Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string ClipId(string sample) => sample.LastIndexOf('#') is var hash && hash > 0 ? sample[..hash] : sample;
}
