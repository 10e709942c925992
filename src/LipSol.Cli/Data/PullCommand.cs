using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Data.Objects;

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
        var objects = new NodeObjects("fetch");
        var destination = new Option<string?>("--out") { Description = "With --run: also write its inputs into this folder.", HelpName = "DIR" };
        return new CliCommand("pull", "Fetch the versions that the .dvc files name and put them in their places. Every hash is verified; changes that no version holds are kept. With --corpus, --model or --run (its inputs): fetch these for the node.",
                "lipsol data pull", "lipsol data pull corpora/urdu", "lipsol data pull --run RUN --out inputs", "lipsol data pull --model 0123456789abcdef0123456789abcdef.dir --remote s3://bucket/urdu")
            .With([paths, repository, remote, jobs, force, destination, .. objects.All])
            .Does(async call =>
            {
                if (call.Value(destination) is not null && !objects.AreNamed(call)) throw new BadInputException("--out belongs to --run.");
                if (objects.AreNamed(call)) return await PullObjects.RunAsync(call, objects, new PullWish(call.Value(paths), call.Value(repository), call.Value(remote), call.Value(jobs), call.Value(force), call.Value(destination)));
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
