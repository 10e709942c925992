using System.Globalization;
using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>What a node has, at a glance: corpora, models with what is in production, the latest runs, pipelines and when they run next. Where there is nothing yet it says how to get it.</summary>
/// <param name="corpora">Its corpora.</param>
/// <param name="models">Its models.</param>
/// <param name="runs">Its latest runs, the newest first.</param>
/// <param name="pipelines">Its pipelines.</param>
public sealed class NodeOverview(IReadOnlyList<CorpusSummary> corpora, IReadOnlyList<Model> models, IReadOnlyList<Run> runs, IReadOnlyList<Pipeline> pipelines)
{
    /// <summary>Its corpora.</summary>
    public IReadOnlyList<CorpusSummary> Corpora { get; } = corpora;

    /// <summary>Its models.</summary>
    public IReadOnlyList<Model> Models { get; } = models;

    /// <summary>Its latest runs, the newest first.</summary>
    public IReadOnlyList<Run> Runs { get; } = runs;

    /// <summary>Its pipelines.</summary>
    public IReadOnlyList<Pipeline> Pipelines { get; } = pipelines;

    /// <summary>Asks a node for it.</summary>
    /// <param name="client">The node.</param>
    /// <param name="runs">How many runs at most.</param>
    /// <param name="cancellation">Cancels the calls.</param>
    /// <exception cref="LipSolException">The node doesn't answer, or refuses.</exception>
    public static async Task<NodeOverview> LoadAsync(LipSolClient client, int runs = 8, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new NodeOverview(
            await client.Corpora.ListAsync(cancellation).ConfigureAwait(false),
            await client.Models.ListAsync(cancellation).ConfigureAwait(false),
            await client.Runs.ListAsync(take: runs, cancellationToken: cancellation).ConfigureAwait(false),
            await client.Pipelines.ListAsync(cancellation).ConfigureAwait(false));
    }

    internal string ToHtml() => new StringBuilder()
        .Append(Section("Corpora", ["", "", "clips", "refused", "frames tracked", "language", "data"], Corpora.Select(c => Row(
            Markup.Words(c.Name), CorpusHtml.Kind(c), Number(c.Clips), Number(c.Refused), Markup.Bar(c.FramesTracked), Markup.Encode(c.Language), Markup.Short(c.DataHash))),
            "None yet. <code>./lipsol corpus synth --name urdu-demo</code> draws one; notebook 06 makes one of recordings."))
        .Append(Section("Models", ["", "versions", "in production", "its test figure"], Models.Select(m => Row(Markup.Words(m.Name), Number(m.Versions.Count), InProduction(m), Figure(m))),
            "None yet. Notebook 01 trains the first and asks the gate to put it into production."))
        .Append(Section("Latest runs", ["", "network", "corpus", "", "test figure", "took"], Runs.Select(r => Row(
            Markup.Words(r.Name), Markup.Encode(r.Network), Markup.Words(r.Corpus), RunHtml.Badge(r.Status), Markup.Interval(Main(r.Figures)),
            r.StartedAt is { } began && r.EndedAt is { } ended ? $"<span class=\"number\">{Markup.Duration(ended - began)}</span>" : "")),
            "None yet."))
        .Append(Section("Pipelines", ["", "what it's for", "next"], Pipelines.Select(p => Row(Markup.Words(p.Name), Markup.Words(p.About ?? ""), Markup.Encode(p.NextTold ?? (p.Paused ? "paused" : "by hand")))),
            "None yet. Notebook 04 writes one."))
        .ToString();

    private static string Section(string title, string[] columns, IEnumerable<string> rows, string nothing)
    {
        var all = string.Concat(rows);
        return $"<h4>{title}</h4>" + (all.Length == 0 ? $"<div class=\"soft\">{nothing}</div>" : $"<table><tr>{string.Concat(columns.Select(c => $"<th>{c}</th>"))}</tr>{all}</table>");
    }

    private static string Row(params string[] cells) => $"<tr>{string.Concat(cells.Select(c => $"<td>{c}</td>"))}</tr>";

    private static string Number(int count) => $"<span class=\"number\">{count.ToString(CultureInfo.InvariantCulture)}</span>";

    private static string InProduction(Model model) =>
        model.Aliases.TryGetValue("production", out var version) ? $"<span class=\"badge good\">version {version}</span>" : "<span class=\"soft\">none</span>";

    private static string Figure(Model model) =>
        model.Aliases.TryGetValue("production", out var version) && model.Versions.FirstOrDefault(v => v.Version == version) is { } serving ? Markup.Interval(Main(serving.Figures)) : "";

    private static Estimate? Main(IReadOnlyDictionary<string, Estimate> figures) => figures.GetValueOrDefault("word_accuracy") ?? figures.GetValueOrDefault("wer");
}
