using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Client;
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
        var certificate = new Option<string?>("--certificate") { Description = "Speak HTTPS with this certificate: PEM, or PKCS #12 (.pfx); the password of an encrypted key is taken from LIPSOL_CERTIFICATE_PASSWORD.", HelpName = "FILE" };
        var key = new Option<string?>("--key") { Description = "The certificate's private key, PEM, where it's in a file of its own.", HelpName = "FILE" };
        var requests = new Option<double?>("--token-requests") { Description = "Requests a second that one named token may send; 0: any number [default: 200].", HelpName = "N" };
        var uploads = new Option<int?>("--token-uploads") { Description = "Uploads at once that one named token may have; 0: any number [default: 16].", HelpName = "N" };
        var logFormat = new Option<string?>("--log-format") { Description = "text, or json: one JSON document a line, on stderr [default: text].", HelpName = "text|json" };
        logFormat.AcceptOnlyFromAmong("text", "json");
        var (cluster, serving) = (new ClusterOptions(), new ServingOptions());
        return new CliCommand("up", "Start a node: the run history, training, the models, the HTTP API and the pages. Ctrl-C stops it.", "lipsol up", "lipsol up --port 8080 --data /srv/lipsol",
                "lipsol up --join \"Host=db;Database=lipsol;Username=lipsol\" --shared /mnt/lipsol --label a100", "lipsol up --bind 0.0.0.0 --certificate lipsol.example.org.pem --key lipsol.example.org.key")
            .With([port, bind, slots, certificate, key, requests, uploads, logFormat, .. serving.All, .. cluster.All])
            .Does(async call =>
            {
                List<string> arguments = ["--data", call.DataFolder, "--port", call.Value(port).ToString(CultureInfo.InvariantCulture), .. serving.Arguments(call), .. cluster.Arguments(call)];
                if (call.Value(bind) is { } address) arguments.AddRange(["--bind", address]);
                if (call.Value(slots) is { } count) arguments.AddRange(["--slots", count.ToString(CultureInfo.InvariantCulture)]);
                (string Option, string? Value)[] more =
                [
                    ("--certificate", call.Value(certificate)), ("--key", call.Value(key)), ("--log-format", call.Value(logFormat)),
                    ("--token-requests", call.Value(requests)?.ToString(CultureInfo.InvariantCulture)), ("--token-uploads", call.Value(uploads)?.ToString(CultureInfo.InvariantCulture)),
                ];
                foreach (var (option, value) in more)
                    if (value is not null) arguments.AddRange([option, value]);
                var start = SiloProgram.StartInfo([.. arguments]);
                cluster.Join(call, start);
                start.RedirectStandardOutput = start.RedirectStandardError = call.Terminal.Json;
                using var node = Process.Start(start) ?? throw new CommandFailedException("The node can't be started.");
                // Ctrl-C and SIGTERM come here; the node is told.
                using var passOn = call.Cancelled.Register(() => Signals.Terminate(node));
                if (call.Terminal.Json) await TellProgramsAsync(call, node);
                await node.WaitForExitAsync(CancellationToken.None);
                return node.ExitCode is ExitStatus.Done or ExitStatus.BadInput ? node.ExitCode : ExitStatus.Failed;
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
