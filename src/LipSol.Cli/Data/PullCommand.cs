using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Data;

/// <summary><c>data pull</c>.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var paths = DataCommand.Paths("What to fetch [default: everything].");
        var repository = DataCommand.Repository();
        var remote = DataCommand.Remote();
        var jobs = DataCommand.Jobs();
        var force = new Option<bool>("--force") { Description = "Overwrite changes that no version holds." };
        return new CliCommand("pull", "Fetch the versions that the .dvc files name and put them in their places. Every hash is verified; changes that no version holds are kept.", "lipsol data pull", "lipsol data pull corpora/urdu")
            .With(paths, repository, remote, jobs, force)
            .Does(async call =>
            {
                var opened = DataCommand.Open(call, repository);
                PulledVersions pulled;
                using (var progress = call.Terminal.Progress("pulling", "MB"))
                    pulled = await Task.Run(() => DvcPull.RunAsync(opened, DataCommand.Full(call.Value(paths)), call.Value(remote), call.Value(jobs), call.Value(force), DataCommand.Report(progress), call.Cancelled), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(pulled);
                else call.Terminal.Line($"{DataCommand.Count(pulled.Received, "content")} fetched ({DataCommand.Bytes(pulled.Bytes)}), {DataCommand.Count(pulled.Written, "file")} written, {pulled.Removed} removed");
                foreach (var failure in pulled.Failed) call.Terminal.Error($"{failure.Path}: {failure.Reason}");
                return pulled.Failed.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
            });
    }
}
