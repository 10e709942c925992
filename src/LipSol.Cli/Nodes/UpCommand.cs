using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Nodes;

/// <summary><c>up</c>: a node in the foreground.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of the HTTP API and the pages; 0 takes a free one.", DefaultValueFactory = _ => 5000 };
        var bind = new Option<string?>("--bind") { Description = "Address to listen on [default: 127.0.0.1]. Everything else can be reached from other machines.", HelpName = "ADDRESS" };
        var slots = new Option<int?>("--slots") { Description = "Runs that train at once on a node without GPUs [default: 1]." };
        return new CliCommand("up", "Start a node: the run history, training, the models, the HTTP API and the pages. Ctrl-C stops it.", "lipsol up", "lipsol up --port 8080 --data /srv/lipsol")
            .With(port, bind, slots)
            .Does(async call =>
            {
                List<string> arguments = ["--data", call.DataFolder, "--port", call.Value(port).ToString(CultureInfo.InvariantCulture)];
                if (call.Value(bind) is { } address) arguments.AddRange(["--bind", address]);
                if (call.Value(slots) is { } count) arguments.AddRange(["--slots", count.ToString(CultureInfo.InvariantCulture)]);
                var program = SiloProgram.StartInfo([.. arguments]);
                if (!OperatingSystem.IsWindows()) ProcessImage.Become(program);
                using var node = Process.Start(program) ?? throw new CommandFailedException("The node can't be started.");
                // Ctrl-C reaches the node too; a SIGTERM is passed on.
                using var passOn = call.Cancelled.Register(() => Signals.Terminate(node));
                await node.WaitForExitAsync(CancellationToken.None);
                return node.ExitCode;
            });
    }
}
