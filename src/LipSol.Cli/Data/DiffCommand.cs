using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Data;

/// <summary><c>data diff</c>.</summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        var from = new Argument<string>("FROM") { Description = "A commit, branch or tag.", DefaultValueFactory = _ => "HEAD" };
        var to = new Argument<string?>("TO") { Description = "Another [default: what lies here now].", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
        var repository = DataCommand.Repository();
        return new CliCommand("diff", "Which files and folders differ between two commits, or between a commit and what lies here now; of folders, which files.", "lipsol data diff", "lipsol data diff v1 v2 --json")
            .With(from, to, repository)
            .Does(call => Task.Run(() =>
            {
                var opened = DataCommand.Open(call, repository);
                IReadOnlyList<ChangedVersion> changes;
                using (var progress = call.Terminal.Progress("hashing", "MB")) changes = DvcDiff.Run(opened, call.Value(from), call.Value(to), DataCommand.Report(progress), call.Cancelled);
                if (call.Terminal.Json)
                {
                    call.Terminal.Document(new { from = call.Value(from), to = call.Value(to), changes });
                    return ExitStatus.Done;
                }
                if (changes.Count == 0) call.Terminal.Line("no difference");
                foreach (var change in changes)
                {
                    call.Terminal.Line($"{change.Change.ToString().ToLowerInvariant(),-10} {change.Path}  {Short(change.OldHash)} → {Short(change.NewHash)}{(change is { Change: FileChange.Modified, Files: null } && IsFolder(change) ? "  (which files isn't known: a listing isn't in the cache)" : "")}");
                    if (change.Change == FileChange.Modified) Tell(call, change.Files ?? [], int.MaxValue);
                }
                return ExitStatus.Done;
            }, call.Cancelled));
    }

    public static void Tell(Invocation call, IReadOnlyList<ChangedFile> files, int most)
    {
        foreach (var file in files.Take(most)) call.Terminal.Line($"    {file.Change.ToString().ToLowerInvariant(),-10} {(file.OldPath is null ? "" : file.OldPath + " → ")}{file.Path}");
        if (files.Count > most) call.Terminal.Line($"    … and {files.Count - most} more");
    }

    private static bool IsFolder(ChangedVersion change) => change.OldHash?.EndsWith(".dir", StringComparison.Ordinal) is true && change.NewHash?.EndsWith(".dir", StringComparison.Ordinal) is true;

    private static string Short(string? hash) => hash is null ? "nothing" : hash[..8] + (hash.EndsWith(".dir", StringComparison.Ordinal) ? ".dir" : "");
}
