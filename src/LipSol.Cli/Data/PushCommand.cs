using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Data.Objects;

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
        var verify = new Option<bool>("--verify") { Description = "Read what the remote has already as well, and send again what is damaged there. What has another size there is sent again in any case." };
        var objects = new NodeObjects("send");
        return new CliCommand("push", "Send versions to a remote: what it hasn't got. Stopped, it goes on where it was when it's run again. With --corpus, --model or --run: what the node has of these.",
                "lipsol data push", "lipsol data push corpora/urdu --remote /mnt/share/urdu-data", "lipsol data push --model urdu-words@3 --corpus urdu --remote s3://bucket/urdu")
            .With([paths, repository, remote, jobs, verify, .. objects.All])
            .Does(async call =>
            {
                if (objects.AreNamed(call)) return await PushObjects.RunAsync(call, objects, call.Value(paths), call.Value(repository), call.Value(remote), call.Value(jobs), call.Value(verify));
                var opened = DataCommand.Open(call, repository);
                PushedVersions pushed;
                using (var progress = call.Terminal.Progress("pushing", "MB"))
                    pushed = await DvcPush.RunAsync(opened, DataCommand.Full(call.Value(paths)), call.Value(remote), call.Value(jobs), DataCommand.Report(progress), call.Value(verify), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(pushed);
                else call.Terminal.Line($"{DataCommand.Count(pushed.Sent, "content")} sent ({DataCommand.Bytes(pushed.Bytes)}), {pushed.Present} there already{(pushed.Remotes.Count > 0 ? ": " + string.Join(", ", pushed.Remotes.Distinct()) : "")}");
                foreach (var path in pushed.NotInCache) call.Terminal.Error($"{path}: its version isn't whole in the cache. Pull it, or add it again, and push then.");
                foreach (var path in pushed.Withdrawn) call.Terminal.Error($"{path}: it holds recordings of a person who withdrew, so it wasn't sent. Remove them there, and `lipsol data add {path}`.");
                return pushed.NotInCache.Count + pushed.Withdrawn.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
            });
    }
}
