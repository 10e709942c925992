using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Models;
using LipSol.Cli.Nodes;
using LipSol.Cli.Terminals;
using LipSol.Client;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus align</c>: word times for recordings that have none.</summary>
internal static class CorpusAlign
{
    private const int Shown = 10;

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The corpus." };
        var model = new Option<string>("--model") { Description = "A model that reads sentences; without @, the version in production.", HelpName = ModelArgument.Form, Required = true };
        var save = new Option<bool>("--save") { Description = "Keep the times found, as a new version of the corpus. Times that came with the recordings stay." };
        return new CliCommand("align", "Find where the words of sentences are said (forced alignment): recordings without word times get them; where the test split has some, the error is told in frames.",
                "lipsol corpus align clinic --model urdu-sentences --save", "lipsol corpus align grid --model grid-sentences@2")
            .With(name, model, save)
            .Does(async call =>
            {
                var reference = ModelArgument.Parse(call.Value(model)!);
                await using var node = await NodeSession.OpenAsync(call);
                var version = await node.Client.Models.ResolveAsync(reference, call.Cancelled);
                CorpusAlignment found;
                using (Waiting.For(call, $"aligning the clips of {call.Value(name)}"))
                    found = await node.Client.Corpora.AlignAsync(call.Value(name), new AlignCorpus(version.Model, version.Version, call.Value(save)), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(found);
                else Tell(call, found, call.Value(save));
                // A corpus of which not one clip can be aligned isn't one for this model.
                return found is { Aligned.Count: 0, Errors: null, Refused.Count: > 0 } ? ExitStatus.BadInput : ExitStatus.Done;
            });
    }

    private static void Tell(Invocation call, CorpusAlignment found, bool save)
    {
        call.Terminal.Line($"{found.Corpus} (data {found.DataHash}), aligned by {found.Model} version {found.Version}");
        if (found.Errors is { } e)
            call.Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{e.Words} words of {e.Clips} test clips have times of their own: starts are {e.MedianStart:0.0} frames off in the median (bias {e.StartBias:+0.0;-0.0;0.0}), ends {e.MedianEnd:0.0} ({e.EndBias:+0.0;-0.0;0.0}); {100 * e.WithinThree:0} % lie within three frames"));
        call.Terminal.Line((found.Aligned.Count, found.Refused.Count) switch
        {
            (0, 0) => "every clip came with word times: there was nothing to find",
            (0, var refused) => $"no clip got word times: {refused} could not be aligned",
            (var aligned, _) => $"word times were found for {aligned} clips that came without",
        });
        if (found.SavedAs is { } hash) call.Terminal.Line($"saved as a new version, data hash {hash}");
        else if (!save && found.Aligned.Count > 0) call.Terminal.Note("Nothing was changed. Add --save to keep the times.");
        foreach (var clip in found.Refused.Take(Shown)) call.Terminal.Line($"not aligned: {clip.Id}: {clip.Reason}");
        if (found.Refused.Count > Shown) call.Terminal.Line($"… and {found.Refused.Count - Shown} more");
    }
}
