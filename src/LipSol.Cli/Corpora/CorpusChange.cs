using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Corpus;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus change</c>: clips relabelled or left out, as a new version.</summary>
internal static class CorpusChange
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The corpus." };
        var exclude = new Option<string[]>("--exclude") { Description = "A clip to leave out, by its id or path; repeatable.", HelpName = "CLIP" };
        var labels = new Option<string?>("--labels") { Description = "New transcripts or splits: a file `clip,text,split`, of which an empty field changes nothing.", HelpName = "FILE" };
        var why = new Option<string?>("--why") { Description = "Why, for the corpus' history.", HelpName = "TEXT" };
        return new CliCommand("change", "Relabel clips or leave some out: a new version, nothing is tracked anew. Clips are added by importing the folder again. Old versions stay.",
                "lipsol corpus change clinic --exclude s3/video/take-7 --why \"wrong sentence\"", "lipsol corpus change clinic --labels corrections.csv")
            .With(name, exclude, labels, why).Does(call =>
            {
                LocalFolder.Require(call, "corpus change");
                var corpus = CorpusViews.Get(call, call.Value(name)).Manifest.Name;
                var edit = new CorpusEdit();
                foreach (var clip in call.Value(exclude) ?? []) edit.Exclude(clip);
                if (call.Value(labels) is null && (call.Value(exclude) ?? []).Length == 0) throw new BadInputException("Say what to change: --exclude CLIP, or --labels FILE.");
                var catalog = new CorpusCatalog(call.SharedFolder);
                string before, hash;
                try
                {
                    if (call.Value(labels) is { } file) edit.ReadLabels(File.Exists(file) ? file : throw new BadInputException($"There is no file {file}."));
                    (before, hash) = catalog.Change(corpus, edit.Apply, call.Value(why) ?? "");
                }
                catch (CorpusProblemsException e)
                {
                    throw new BadInputException(e.Message, e);
                }
                var version = catalog.Find(corpus)!.History[^1];
                if (call.Terminal.Json) call.Terminal.Document(new { name = corpus, before, dataHash = hash, changed = before != hash, version });
                else call.Terminal.Line(before == hash ? $"{corpus} is as it was: {hash}" : $"{corpus}: {CorpusHistory.InWords(version)}; the new version is {hash}, the old one {before} stays");
                return Task.FromResult(ExitStatus.Done);
            });
    }
}
