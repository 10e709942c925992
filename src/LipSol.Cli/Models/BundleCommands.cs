using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Terminals;
using LipSol.Client;

namespace LipSol.Cli.Models;

/// <summary><c>models export</c> and <c>models import</c>: a version as one file, from node to node.</summary>
internal static class BundleCommands
{
    private const double Megabyte = 1 << 20;

    public static Command Export()
    {
        var name = new Argument<string>("MODEL") { HelpName = ModelArgument.Form, Description = "The version; without @, the one in production." };
        var destination = new Option<string>("--out") { Description = "The file to write.", HelpName = "FILE", Required = true };
        return new CliCommand("export", "Write a version as one portable file: network, vocabulary, settings, model card, figures, and where it comes from. Equal versions are equal files.",
                "lipsol models export urdu-words --out urdu-words.lipsol.zip", "lipsol models export urdu-words@3 --out urdu-words-3.lipsol.zip")
            .With(name, destination)
            .Does(async call =>
            {
                var reference = ModelArgument.Parse(call.Value(name));
                await using var node = await NodeSession.OpenAsync(call);
                var version = await node.Client.Models.ResolveAsync(reference, call.Cancelled);
                var path = Path.GetFullPath(call.Value(destination)!);
                var bytes = await WriteAsync(call, node.Client, version, path);
                if (call.Terminal.Json) call.Terminal.Document(new { model = version.Model, version = version.Version, runId = version.RunId, dataHash = version.DataHash, file = path, bytes });
                else call.Terminal.Line(FormattableString.Invariant($"{version.Model} version {version.Version} (run {version.RunId}, data {version.DataHash}) → {path}, {bytes / Megabyte:0.0} MB"));
                return ExitStatus.Done;
            });
    }

    public static Command Import()
    {
        var file = new Argument<string>("FILE") { Description = "A bundle that `models export` wrote." };
        var name = new Option<string?>("--name") { Description = "The model it becomes a version of [default: the bundle's own]." };
        return new CliCommand("import", "Take a bundle in as the model's next version. Every hash is checked and the network is run once before; nothing is promoted.",
                "lipsol models import urdu-words.lipsol.zip", "lipsol models import urdu-words.lipsol.zip --name words-of-lahore")
            .With(file, name)
            .Does(async call =>
            {
                if (!File.Exists(call.Value(file))) throw new BadInputException($"There is no file {call.Value(file)}.");
                await using var bundle = File.OpenRead(call.Value(file));
                await using var node = await NodeSession.OpenAsync(call);
                ImportedModel imported;
                using (var progress = call.Terminal.Progress("importing", "MB"))
                    imported = await node.Client.Models.ImportAsync(bundle, call.Value(name), Report(progress), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(imported);
                else Tell(call, imported);
                return ExitStatus.Done;
            });
    }

    /// <summary>Writes beside the file and renames: what stands under its name is whole.</summary>
    private static async Task<long> WriteAsync(Invocation call, LipSolClient client, ModelVersion version, string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path))) throw new BadInputException($"There is no folder {Path.GetDirectoryName(path)}.");
        var temporary = path + ".part";
        try
        {
            long bytes;
            await using (var target = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                using var progress = call.Terminal.Progress("exporting", "MB");
                await client.Models.ExportAsync(version.Model, version.Version, target, Report(progress), call.Cancelled);
                bytes = target.Length;
            }
            File.Move(temporary, path, overwrite: true);
            return bytes;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Tell(Invocation call, ImportedModel imported)
    {
        var version = imported.Version;
        call.Terminal.Line(imported.WasThere
            ? $"{version.Model} has this model already: it is version {version.Version} (run {version.RunId}, data {version.DataHash})."
            : $"{version.Model} version {version.Version}: run {version.RunId}, data {version.DataHash}{(version.Origin is { } o ? $", trained as version {o.Version} of {o.Model} by LipSol {o.CodeVersion}" : "")}.");
        if (!imported.WasThere) call.Terminal.Line($"It isn't in production yet: `lipsol models promote {version.Model} --version-number {version.Version}`.");
    }

    private static Progress<TransferProgress> Report(ProgressLine line) => new(p => line.Report(p.Done / Megabyte, (p.Total ?? 0) / Megabyte));
}
