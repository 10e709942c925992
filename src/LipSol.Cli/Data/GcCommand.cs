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
        var yes = Confirmation.Yes();
        return new CliCommand("gc", "Remove contents that nothing refers to any more: neither the files here, nor a branch, tag or stash, nor a run or model version of the node. Shows what it would remove, and asks.",
                "lipsol data gc", "lipsol data gc --cloud --older-than 60d --dry-run")
            .With(repository, cloud, remote, all, older, dry, yes)
            .Does(async call =>
            {
                var opened = DataCommand.Open(call, repository);
                var onRemote = call.Value(cloud) || call.Value(remote) is not null;
                var age = Age(call.Value(older) ?? (onRemote ? "14d" : "1h"));
                var ofRuns = await RunReferences.FindAsync(call);
                var unused = await DvcGc.FindAsync(opened, ofRuns, call.Value(remote), onRemote, call.Value(all), age, call.Cancelled);
                Tell(call, unused);
                var removed = 0;
                if (unused.Contents.Count > 0 && !call.Value(dry))
                {
                    Confirmation.Require(call, yes, $"Remove {DataCommand.Count(unused.Contents.Count, "content")} ({DataCommand.Bytes(unused.Bytes)}) from {unused.Where} for good? Other repositories that share it aren't looked at.");
                    removed = await DvcGc.RemoveAsync(opened, unused, call.Cancelled);
                }
                if (call.Terminal.Json) call.Terminal.Document(new { unused.Where, unused.Contents, unused.Bytes, unused.Kept, unused.TooNew, unused.Unknown, removed });
                else if (removed > 0) call.Terminal.Line($"{DataCommand.Count(removed, "content")} removed.");
                return ExitStatus.Done;
            });
    }

    private static void Tell(Invocation call, UnusedContents unused)
    {
        foreach (var hash in unused.Contents.Take(Shown)) call.Terminal.Note($"  {hash}");
        if (unused.Contents.Count > Shown) call.Terminal.Note($"  … and {unused.Contents.Count - Shown} more");
        if (unused.Unknown.Count > 0) call.Terminal.Note($"The listing of {string.Join(", ", unused.Unknown.Take(3))}{(unused.Unknown.Count > 3 ? $" and {unused.Unknown.Count - 3} more" : "")} is neither here nor on the remote, so its files can't be told from others: they may be among these. `lipsol data pull` first, where another remote has it.");
        if (!call.Terminal.Json) call.Terminal.Line($"{unused.Where}: {DataCommand.Count(unused.Contents.Count, "content")} that nothing refers to ({DataCommand.Bytes(unused.Bytes)}), {unused.Kept} referred to, {unused.TooNew} too new");
    }

    private static TimeSpan Age(string text)
    {
        var unit = text.Length == 0 ? null : text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), 'w' => TimeSpan.FromDays(7), _ => (TimeSpan?)null };
        return unit is { } one && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count * one.TotalDays < 36500 ? count * one
            : throw new BadInputException($"--older-than {text}: give a number and s, m, h, d or w, as 30d.");
    }
}
