using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Corpus;
using Spectre.Console;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus history</c>: the versions of a corpus, and what changed with each.</summary>
internal static class CorpusHistory
{
    private const int Shown = 10;

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The corpus." };
        var diff = new Option<string[]>("--diff") { Description = "Clip by clip: what differs between two versions (data hashes, or their beginnings).", HelpName = "HASH", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true };
        return new CliCommand("history", "The versions of a corpus, oldest first, with what changed: clips added, removed, relabelled, moved to another split.", "lipsol corpus history clinic", "lipsol corpus history clinic --diff 3a41cf 9b07de")
            .With(name, diff).Does(call =>
            {
                LocalFolder.Require(call, "corpus history");
                var catalog = new CorpusCatalog(call.SharedFolder);
                var pointer = catalog.Find(CorpusCommand.CheckName(call.Value(name))) ?? throw new BadInputException(new CorpusNotFoundException(call.Value(name), catalog.List().Select(p => p.Name)).Message);
                var versions = pointer.History.Count > 0 ? pointer.History : [new CorpusVersion(pointer.Manifest, pointer.Updated)];
                if (call.Value(diff) is [var from, var to]) Tell(call, CorpusDiff.Of(catalog.GetVersion(Of(versions, from)), catalog.GetVersion(Of(versions, to))));
                else if (call.Terminal.Json) call.Terminal.Document(new { name = pointer.Name, dataHash = pointer.Manifest, versions });
                else call.Terminal.Table(Table(versions));
                return Task.FromResult(ExitStatus.Done);
            });
    }

    /// <summary>Counts of a version, in words.</summary>
    public static string InWords(CorpusVersion version)
    {
        (int Count, string What)[] counts = [(version.Added, "added"), (version.Removed, "removed"), (version.Relabelled, "relabelled"), (version.Moved, "moved"), (version.Remade, "made anew")];
        return counts.Any(c => c.Count > 0) ? string.Join(", ", counts.Where(c => c.Count > 0).Select(c => $"{c.Count} {c.What}")) : "the same clips";
    }

    private static string Of(IReadOnlyList<CorpusVersion> versions, string hash) =>
        versions.Select(v => v.Manifest).Where(m => m.StartsWith(hash, StringComparison.Ordinal)).Distinct().ToArray() is [var one] ? one : throw new BadInputException($"{hash} names no one version of this corpus. `lipsol corpus history` lists them.");

    private static Table Table(IReadOnlyList<CorpusVersion> versions)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("data hash", "since", "clips", "why");
        foreach (var version in versions) table.AddRow(version.Manifest, version.Since.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), InWords(version), version.Why.EscapeMarkup());
        return table;
    }

    private static void Tell(Invocation call, CorpusDiff diff)
    {
        if (call.Terminal.Json)
        {
            call.Terminal.Document(diff);
            return;
        }
        (string What, IReadOnlyList<string> Clips)[] kinds = [("added", diff.Added), ("removed", diff.Removed), ("relabelled", diff.Relabelled), ("moved", diff.Moved), ("made anew", diff.Remade)];
        foreach (var (what, clips) in kinds)
        {
            foreach (var clip in clips.Take(Shown)) call.Terminal.Line($"{what,-10} {clip}");
            if (clips.Count > Shown) call.Terminal.Line($"{what,-10} … and {clips.Count - Shown} more; --json names them all");
        }
        if (kinds.All(k => k.Clips.Count == 0)) call.Terminal.Line("no difference");
    }
}
