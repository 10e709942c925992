using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Data;

/// <summary><c>data push</c>.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        var paths = DataCommand.Paths("What to send [default: everything].");
        var repository = DataCommand.Repository();
        var remote = DataCommand.Remote();
        var jobs = DataCommand.Jobs();
        return new CliCommand("push", "Send versions to a remote: what it hasn't got. Stopped, it goes on where it was when it's run again.", "lipsol data push", "lipsol data push corpora/urdu --remote /mnt/share/urdu-data")
            .With(paths, repository, remote, jobs)
            .Does(async call =>
            {
                var opened = DataCommand.Open(call, repository);
                PushedVersions pushed;
                using (var progress = call.Terminal.Progress("pushing", "MB"))
                    pushed = await DvcPush.RunAsync(opened, DataCommand.Full(call.Value(paths)), call.Value(remote), call.Value(jobs), DataCommand.Report(progress), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(pushed);
                else call.Terminal.Line($"{DataCommand.Count(pushed.Sent, "content")} sent ({DataCommand.Bytes(pushed.Bytes)}), {pushed.Present} there already{(pushed.Remotes.Count > 0 ? ": " + string.Join(", ", pushed.Remotes.Distinct()) : "")}");
                foreach (var path in pushed.NotInCache) call.Terminal.Error($"{path}: its version isn't whole in the cache. Pull it, or add it again, and push then.");
                return pushed.NotInCache.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
            });
    }
}
