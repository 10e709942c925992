using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Workers;
using LipSol.Corpus;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus import</c>: bring in recordings.</summary>
internal static class CorpusImport
{
    public static Command Create()
    {
        var layout = new Argument<string>("LAYOUT") { Description = "grid (SPEAKER/video/ID.mpg, SPEAKER/align/ID.align), urdu (SPEAKER/video/ID_video.avi, SPEAKER/align/ID.align in seconds), or folder (labels.csv: path,speaker,split,text[,start,end])." };
        layout.AcceptOnlyFromAmong("grid", "urdu", "folder");
        var path = new Argument<string>("PATH") { Description = "The folder." };
        var name = new Option<string>("--name") { Description = "The corpus' name.", Required = true };
        var mouths = new Option<bool>("--mouth-crops") { Description = "The pictures are mouths already: scale them, track nothing." };
        var splitBy = new Option<string?>("--split-by") { Description = "How to divide a corpus that comes without a split: speaker or sentence." };
        splitBy.AcceptOnlyFromAmong("speaker", "sentence");
        var grammar = new Option<string?>("--grammar") { Description = "The sentences that are said, slot by slot: a file as text or JSON [default: grammar.json in the folder; GRID's or the Urdu corpus' own].", HelpName = "FILE" };
        var set = KeyValues.Option("--set", "Further options: language, seed, val-share, test-share, speakers, attribution.");
        var jobs = new Option<int?>("--jobs") { Description = "Clips at the same time [default: one a core]." };
        return new CliCommand("import", "Import recordings: read labels and alignments, check everything, track and crop. What was cropped before is taken from the cache.",
                "lipsol corpus import grid ~/grid --name grid", "lipsol corpus import folder ~/recordings --name clinic --split-by speaker", "lipsol corpus import folder ~/mouths --name mouths --mouth-crops")
            .With(layout, path, name, mouths, splitBy, grammar, set, jobs)
            .Does(async call =>
            {
                var options = KeyValues.Parse("--set", call.Value(set));
                if (call.Value(mouths)) options["mouth-crops"] = "true";
                if (call.Value(splitBy) is { } by) options["split-by"] = by;
                if (call.Value(grammar) is { } file) options["grammar"] = File.Exists(file) ? Path.GetFullPath(file) : throw new BadInputException($"There is no file {file}.");
                var folder = Path.GetFullPath(call.Value(path));
                if (!Directory.Exists(folder)) throw new BadInputException($"There is no folder {folder}.");
                var job = new CorpusJob
                {
                    DataFolder = call.SharedFolder,
                    Name = CorpusCommand.CheckName(call.Value(name)!),
                    Source = call.Value(layout),
                    Folder = folder,
                    Options = options,
                    Parallelism = call.Value(jobs) ?? Environment.ProcessorCount,
                };
                var result = (CorpusResult)await JobSession.RunAsync(call, job, "reading");
                CorpusReport.Print(call, result);
                var undone = UndoneChanges.Of(new Corpus.CorpusCatalog(call.SharedFolder), job.Name);
                if (undone.Excluded.Count > 0) call.Terminal.Note($"{undone.Excluded.Count} clips that had been left out are back ({undone.Excluded[0]}{(undone.Excluded.Count > 1 ? ", …" : "")}): `lipsol corpus change {job.Name} --exclude CLIP` again, or take them out of the folder");
                if (undone.Relabelled.Count > 0) call.Terminal.Note($"{undone.Relabelled.Count} clips have their old transcript or split again ({undone.Relabelled[0]}{(undone.Relabelled.Count > 1 ? ", …" : "")}): `lipsol corpus change {job.Name} --labels FILE` again, or correct them in the folder");
                return ExitStatus.Done;
            });
    }
}
