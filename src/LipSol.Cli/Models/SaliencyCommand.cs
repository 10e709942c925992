using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Terminals;
using LipSol.Client;

namespace LipSol.Cli.Models;

/// <summary><c>models saliency</c>: whether the network watches the lips or the lighting.</summary>
internal static class SaliencyCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("MODEL") { HelpName = ModelArgument.Form, Description = "The version; without @, the one in production." };
        var clip = new Argument<string>("CLIP") { Description = "A video, a mouth clip (.npz), or with --corpus a clip's id (clip#n for its n-th word)." };
        var destination = new Option<string?>("--out") { Description = "Write the picture into this file.", HelpName = "FILE" };
        var corpus = new Option<string?>("--corpus") { Description = "The corpus that CLIP is of." };
        var start = new Option<double?>("--start") { Description = "Where the word starts, in seconds, if known." };
        var end = new Option<double?>("--end") { Description = "Where the word ends, in seconds, if known." };
        return new CliCommand("saliency", "What a model looks at: parts of the clip are covered, and what was read is weighed again. Orange spoke for the reading, blue against it.",
                "lipsol models saliency urdu-words clip.mp4 --out looks-at.png", "lipsol models saliency urdu-words@3 seen-1/0007 --corpus urdu-demo --out looks-at.png")
            .With(name, clip, destination, corpus, start, end)
            .Does(async call =>
            {
                var reference = ModelArgument.Parse(call.Value(name));
                if (call.Value(corpus) is null && !File.Exists(call.Value(clip))) throw new BadInputException($"There is no file {call.Value(clip)}. For a clip of a corpus, say --corpus.");
                await using var node = await NodeSession.OpenAsync(call);
                var version = await node.Client.Models.ResolveAsync(reference, call.Cancelled);
                Saliency found;
                using (Waiting.For(call, "covering part after part"))
                    found = call.Value(corpus) is { } of ? await node.Client.Models.LookAsync(version.Model, version.Version, of, call.Value(clip), call.Cancelled)
                        : await node.Client.Models.LookAsync(version.Model, version.Version, call.Value(clip), new TranscriptionOptions { Start = call.Value(start), End = call.Value(end) }, call.Cancelled);
                if (call.Value(destination) is { } path) await File.WriteAllBytesAsync(path, found.Picture, call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(found);
                else Tell(call, found, call.Value(destination));
                return ExitStatus.Done;
            });
    }

    private static void Tell(Invocation call, Saliency found, string? path)
    {
        call.Terminal.Line($"{found.Text}{(found.Said is { } said ? said == found.Text ? " (right)" : $" (said: {said})" : "")}");
        call.Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{100 * found.MouthShare:0} % of what speaks for it lies on the mouth, which is {100 * found.MouthArea:0} % of the picture: {found.MouthShare / found.MouthArea:0.0} times its share"));
        call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{found.Model} version {found.Version}, run {found.RunId}; confidence {100 * found.Confidence:0} %"));
        if (path is not null) call.Terminal.Note($"The picture is {Path.GetFullPath(path)}.");
    }
}
