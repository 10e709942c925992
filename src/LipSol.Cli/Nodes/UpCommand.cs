using System.CommandLine;
using System.Diagnostics;
using LipSol.Cli.CommandLine;
using LipSol.Client;
using LipSol.Silo.Node;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Nodes;

/// <summary><c>up</c>: a node in the foreground.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var node = new NodeArguments();
        return new CliCommand("up", "Start a node: the run history, training, the models, the HTTP API and the pages. Ctrl-C stops it.", "lipsol up", "lipsol up --port 8080 --data /srv/lipsol",
                "lipsol up --join \"Host=db;Database=lipsol;Username=lipsol\" --shared /mnt/lipsol --label a100", "lipsol up --bind 0.0.0.0 --certificate lipsol.example.org.pem --key lipsol.example.org.key")
            .With([.. node.All])
            .Does(async call =>
            {
                var start = SiloProgram.StartInfo(["--data", call.DataFolder, .. call.Given(node.All.Where(option => option != node.Join))]);
                // The node takes it from its environment, which other users can't see: a list of processes shows arguments.
                if (call.Value(node.Join) is { } database) start.Environment[NodeArguments.JoinVariable] = database;
                start.RedirectStandardOutput = start.RedirectStandardError = call.Terminal.Json;
                using var process = Process.Start(start) ?? throw new CommandFailedException("The node can't be started.");
                // Ctrl-C and SIGTERM come here; the node is told.
                using var passOn = call.Cancelled.Register(() => Signals.Terminate(process));
                if (call.Terminal.Json) await TellProgramsAsync(call, process);
                await process.WaitForExitAsync(CancellationToken.None);
                return process.ExitCode is ExitStatus.Done or ExitStatus.BadInput ? process.ExitCode : ExitStatus.Failed;
            });
    }

    /// <summary>What the node says goes to stderr; stdout gets one document, once the node answers or has failed to start.</summary>
    private static async Task TellProgramsAsync(Invocation call, Process node)
    {
        var last = "";
        var said = Task.WhenAll(PassOnAsync(node.StandardOutput), PassOnAsync(node.StandardError));
        while (!node.HasExited)
        {
            if (NodeFile.Read(call.DataFolder) is { } file && file.ProcessId == node.Id)
            {
                call.Terminal.Document(new { url = file.Url, page = $"{file.Url}/?token={file.ReadToken()}", dataFolder = call.DataFolder, processId = file.ProcessId, name = file.Name, version = file.Version });
                return;
            }
            await Task.Delay(50, CancellationToken.None);
        }
        await said;
        if (!call.Cancelled.IsCancellationRequested) call.Terminal.Document(new { error = last.StartsWith("lipsol: ", StringComparison.Ordinal) ? last["lipsol: ".Length..] : last });
        else call.Terminal.Document(new { error = "Stopped." });

        async Task PassOnAsync(StreamReader from)
        {
            while (await from.ReadLineAsync(CancellationToken.None) is { } line)
            {
                if (line.Length > 0) last = line;
                call.Terminal.Note(line);
            }
        }
    }
}
