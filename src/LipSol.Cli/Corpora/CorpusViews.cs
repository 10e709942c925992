using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Corpus;
using Spectre.Console;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus list</c> and <c>corpus show</c>: read the data folder; no node is needed.</summary>
internal static class CorpusViews
{
    public static Command List() => new CliCommand("list", "All corpora of the data folder.", "lipsol corpus list").Does(call =>
    {
        var catalog = new CorpusCatalog(call.SharedFolder);
        var corpora = catalog.List().Select(p => (Pointer: p, Manifest: catalog.GetVersion(p.Manifest))).ToArray();
        if (call.Terminal.Json)
        {
            call.Terminal.Document(corpora.Select(c => new { name = c.Pointer.Name, kind = Lower(c.Manifest.Kind), language = c.Manifest.Language, clips = c.Manifest.Clips.Count, dataHash = c.Pointer.Manifest, updated = c.Pointer.Updated }));
            return Task.FromResult(ExitStatus.Done);
        }
        if (corpora.Length == 0) call.Terminal.Line("No corpus yet. Make one with `lipsol corpus synth` or `lipsol corpus import`.");
        var table = new Table().Border(TableBorder.Simple).AddColumns("name", "kind", "language", "clips", "data hash");
        foreach (var (pointer, manifest) in corpora)
            table.AddRow(pointer.Name.EscapeMarkup(), Lower(manifest.Kind), manifest.Language.EscapeMarkup(), manifest.Clips.Count.ToString(CultureInfo.InvariantCulture), pointer.Manifest);
        if (corpora.Length > 0) call.Terminal.Table(table);
        return Task.FromResult(ExitStatus.Done);
    });

    public static Command Show()
    {
        var name = new Argument<string>("NAME") { Description = "The corpus." };
        return new CliCommand("show", "A corpus with its statistics: splits, speakers, words, refused clips, words that look alike.", "lipsol corpus show grid").With(name).Does(call =>
        {
            var (hash, manifest) = Get(call, call.Value(name));
            var statistics = CorpusStatistics.Of(manifest);
            if (call.Terminal.Json) call.Terminal.Document(Document(hash, manifest, statistics));
            else Print(call, hash, manifest, statistics);
            return Task.FromResult(ExitStatus.Done);
        });
    }

    /// <summary>A corpus by name.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public static (string Hash, CorpusManifest Manifest) Get(Invocation call, string name)
    {
        try
        {
            return new CorpusCatalog(call.SharedFolder).Get(CorpusCommand.CheckName(name));
        }
        catch (CorpusNotFoundException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    private static object Document(string hash, CorpusManifest manifest, CorpusStatistics statistics) => new
    {
        name = manifest.Name,
        kind = Lower(manifest.Kind),
        language = manifest.Language,
        dataHash = hash,
        attribution = manifest.Attribution,
        origin = manifest.Origin,
        clips = statistics.Clips,
        framesTracked = statistics.TrackedShare,
        splits = statistics.ClipsBySplit.ToDictionary(s => Lower(s.Key), s => s.Value),
        speakers = statistics.Speakers.Select(s => new { speaker = s.Speaker, seen = s.Seen, splits = s.BySplit.ToDictionary(x => Lower(x.Key), x => x.Value) }),
        words = statistics.Words.Select(w => new { word = w.Word, splits = w.BySplit.ToDictionary(x => Lower(x.Key), x => x.Value) }),
        refused = statistics.Refused.Select(r => new { path = r.Path, reason = r.Reason }),
        homophenes = statistics.Homophenes,
        lookAlikes = statistics.LookAlikes,
    };

    private static void Print(Invocation call, string hash, CorpusManifest manifest, CorpusStatistics statistics)
    {
        var terminal = call.Terminal;
        terminal.Line($"{manifest.Name}  {Lower(manifest.Kind)}, {manifest.Language}, data hash {hash}");
        if (manifest.Attribution is { } attribution) terminal.Line(attribution);
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{statistics.Clips} clips, {statistics.Refused.Count} refused; {100 * statistics.TrackedShare:0.00} % of {statistics.Frames} frames tracked"));
        var speakers = new Table().Border(TableBorder.Simple).AddColumns("speaker", "", "train", "val", "test");
        foreach (var s in statistics.Speakers)
            speakers.AddRow([s.Speaker.EscapeMarkup(), s.Seen ? "seen" : "unseen", .. Enum.GetValues<Split>().Select(x => s.BySplit[x].ToString(CultureInfo.InvariantCulture))]);
        terminal.Table(speakers);
        terminal.Line($"{statistics.Words.Count} words: {string.Join("  ", statistics.Words.Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Word} {w.BySplit.Values.Sum()}")))}");
        foreach (var group in statistics.Homophenes) terminal.Line("look the same on the lips: " + string.Join("  ", group));
        foreach (var pair in statistics.LookAlikes.Take(5)) terminal.Line($"look alike: {pair}");
        foreach (var (path, reason) in statistics.Refused) terminal.Line($"refused  {path}: {reason}");
    }

    private static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
