using System.CommandLine;
using System.Globalization;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Data;

/// <summary><c>data gc</c>.</summary>
internal static class GcCommand
{
    private const int Shown = 20;

    public static Command Create()
    {
        var repository = DataCommand.Repository();
        var remote = DataCommand.Remote();
        var cloud = new Option<bool>("--cloud") { Description = "Remove from the default remote instead of the cache; --remote names another." };
        var all = new Option<bool>("--all-commits") { Description = "Keep what any commit of the history refers to, not only the latest of each branch and tag." };
        var older = new Option<string?>("--older-than") { Description = "Leave what came within that time, as 30d or 12h: others may be about to commit what refers to it [default: 1h, of a remote 14d].", HelpName = "TIME" };
        var dry = new Option<bool>("--dry-run") { Description = "Only show what would be removed." };
        var force = new Option<bool>("--force") { Description = "Remove although listings or manifests couldn't be read, so that what they hold may be among what is removed." };
        var yes = Confirmation.Yes();
        return new CliCommand("gc", "Remove contents that nothing refers to any more: neither the files here, nor a branch, tag or stash, nor a run, model or corpus of the node, nor a push of one. Shows what it would remove, and asks.",
                "lipsol data gc", "lipsol data gc --cloud --older-than 60d --dry-run")
            .With(repository, cloud, remote, all, older, dry, force, yes)
            .Does(async call =>
            {
                var opened = DataCommand.Open(call, repository);
                var onRemote = call.Value(cloud) || call.Value(remote) is not null;
                var age = Age(call.Value(older) ?? (onRemote ? "14d" : "1h"));
                await using var references = await RunReferences.OpenAsync(call);
                var ofRuns = references is null ? NamedContents.None : await references.ReadAsync(call.Cancelled);
                if (references is null && onRemote) call.Terminal.Note($"No node was asked, since there's no data folder {call.DataFolder}: what nodes pushed here is kept by the records that pushes leave on the remote. Name a node's folder with --data, or its address with LIPSOL_URL, to have it asked too.");
                var unused = await DvcGc.FindAsync(opened, ofRuns, call.Value(remote), onRemote, call.Value(all), age, call.Cancelled);
                Tell(call, unused);
                var removed = 0;
                if (unused.Contents.Count > 0 && !call.Value(dry))
                {
                    if (unused.Unknown.Count > 0 && !call.Value(force))
                        throw new BadInputException($"Nothing is removed, since {DataCommand.Count(unused.Unknown.Count, "version")} couldn't be read ({unused.Unknown[0]}{(unused.Unknown.Count > 1 ? ", …" : "")}), and its files may be among what would be. Start the node with the --remote that has it, or get it here with `lipsol data pull`; --force removes all the same.");
                    if (unused.Unfinished.Count > 0 && !call.Value(force))
                    {
                        var (id, push) = unused.Unfinished.First();
                        throw new BadInputException($"Nothing is removed, since {push} isn't whole on {unused.Where} yet, and which files it needs there can't be known. Wait until it ends, or push it again; if it was given up: lipsol data pushed --forget {id[..8]}. --force removes all the same.");
                    }
                    Confirmation.Require(call, yes, $"Remove {DataCommand.Count(unused.Contents.Count, "content")} ({DataCommand.Bytes(unused.Bytes)}) from {unused.Where} for good? Other repositories that share it aren't looked at.");
                    removed = await DvcGc.RemoveAsync(opened, unused, references is null ? null : () => references.ReadAsync(call.Cancelled), call.Cancelled);
                }
                if (call.Terminal.Json) call.Terminal.Document(new { unused.Where, unused.Contents, unused.Bytes, unused.Kept, unused.TooNew, unused.Pushes, unused.Unfinished, unused.Unknown, removed });
                else if (removed > 0) call.Terminal.Line($"{DataCommand.Count(removed, "content")} removed.");
                return ExitStatus.Done;
            });
    }

    private static void Tell(Invocation call, UnusedContents unused)
    {
        foreach (var hash in unused.Contents.Take(Shown)) call.Terminal.Note($"  {hash}");
        if (unused.Contents.Count > Shown) call.Terminal.Note($"  … and {unused.Contents.Count - Shown} more");
        if (unused.Unknown.Count > 0) call.Terminal.Note($"The listing or manifest of {string.Join(", ", unused.Unknown.Take(3))}{(unused.Unknown.Count > 3 ? $" and {unused.Unknown.Count - 3} more" : "")} couldn't be read, so its files can't be told from others: they may be among these. `lipsol data pull` first, where another remote has it.");
        if (!call.Terminal.Json) call.Terminal.Line($"{unused.Where}: {DataCommand.Count(unused.Contents.Count, "content")} that nothing refers to ({DataCommand.Bytes(unused.Bytes)}), {unused.Kept} referred to{(unused.Pushes > 0 ? $" (some by {unused.Pushes} of the records that `lipsol data pushed` lists)" : "")}, {unused.TooNew} too new");
    }

    private static TimeSpan Age(string text)
    {
        var unit = text.Length == 0 ? null : text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), 'w' => TimeSpan.FromDays(7), _ => (TimeSpan?)null };
        return unit is { } one && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count * one.TotalDays < 36500 ? count * one
            : throw new BadInputException($"--older-than {text}: give a number and s, m, h, d or w, as 30d.");
    }
}
