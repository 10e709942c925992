using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Data;

/// <summary><c>data status</c>.</summary>
internal static class StatusCommand
{
    private const int MostFiles = 10;

    public static Command Create()
    {
        var paths = DataCommand.Paths("What to look at [default: everything].");
        var repository = DataCommand.Repository();
        var remote = DataCommand.Remote();
        var cloud = new Option<bool>("--cloud") { Description = "Say also what the remote lacks." };
        return new CliCommand("status", "How files and folders stand to the versions that their .dvc files name. What hasn't changed since it was last read isn't read again.",
                "lipsol data status", "lipsol data status corpora/urdu --cloud")
            .With(paths, repository, cloud, remote)
            .Does(async call =>
            {
                var opened = DataCommand.Open(call, repository);
                var chosen = DataCommand.Full(call.Value(paths));
                IReadOnlyList<VersionStatus> states;
                using (var progress = call.Terminal.Progress("hashing", "MB")) states = await Task.Run(() => DvcStatus.Read(opened, chosen, DataCommand.Report(progress), call.Cancelled), call.Cancelled);
                var lacking = call.Value(cloud) || call.Value(remote) is not null ? await DvcStatus.MissingOnRemoteAsync(opened, chosen, call.Value(remote), call.Cancelled) : null;
                if (call.Terminal.Json) call.Terminal.Document(new { repository = opened.Root, versions = states, missingOnRemote = lacking });
                else Tell(call, states, lacking);
                return ExitStatus.Done;
            });
    }

    private static void Tell(Invocation call, IReadOnlyList<VersionStatus> states, IReadOnlyDictionary<string, int>? lacking)
    {
        if (states.Count == 0) call.Terminal.Line("Nothing is versioned yet: `lipsol data add PATH`.");
        foreach (var state in states)
        {
            var remarks = new List<string>();
            if (state is { State: not (VersionState.New or VersionState.Unsupported), InCache: false }) remarks.Add("not in the cache");
            if (lacking?.GetValueOrDefault(state.Path) is > 0 and var count) remarks.Add($"{DataCommand.Count(count, "content")} not on the remote");
            if (state.Note is { } note) remarks.Add(note);
            if (state is { State: VersionState.Modified }) remarks.Add($"`lipsol data add {state.Path}` makes a version of it");
            if (state is { State: VersionState.Missing }) remarks.Add("`lipsol data pull` fetches it");
            call.Terminal.Line($"{state.State.ToString().ToLowerInvariant(),-10} {state.Path}{(remarks.Count > 0 ? $"  ({string.Join("; ", remarks)})" : "")}");
            DiffCommand.Tell(call, state.Changes, MostFiles);
        }
    }
}
