using LipSol.Cli.CommandLine;
using LipSol.Cli.Terminals;
using LipSol.Client;

namespace LipSol.Cli.Models;

/// <summary>Several clips in one request: each is told, or written, as it's read; one that can't be read fails alone.</summary>
internal static class SeveralClips
{
    public static async Task<int> ReadAsync(Invocation call, LipSolClient client, IReadOnlyList<string> paths, TranscriptionOptions options, string format, string? folder)
    {
        if (paths.FirstOrDefault(Directory.Exists) is { } pictures) throw new BadInputException($"{pictures} is a folder. Several clips are videos or mouth clips; give a folder of pictures alone.");
        if (folder is not null) Directory.CreateDirectory(folder);
        var names = Names(paths);
        var read = new ReadClip?[paths.Count];
        using (var progress = call.Terminal.Progress("reading", "clips"))
        {
            var told = new Told<double>(share => progress.Report(Math.Round(share * paths.Count, 1), paths.Count));
            await foreach (var clip in client.Transcriptions.TranscribeAllAsync(paths, options, told, call.Cancelled))
            {
                read[clip.Place] = clip;
                if (clip.Job.Transcription is not { } answer) call.Terminal.Error($"{clip.Path}: {Why(clip.Job)}");
                else if (folder is not null) await WriteAsync(call, client, answer, Path.Combine(folder, names[clip.Place]), format);
                else if (!call.Terminal.Json && format == "text") call.Terminal.Line($"{clip.Path}: {answer.Text}");
            }
        }
        if (call.Terminal.Json || (format == "json" && folder is null))
            call.Terminal.Document(new { clips = read.Select((clip, i) => new { clip = paths[i], state = clip?.Job.State, transcription = clip?.Job.Transcription, problem = clip?.Job.Problem }).ToArray() });
        return read.All(clip => clip?.Job.Transcription is not null) ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static string Why(TranscriptionJob job) => job.Problem?.Detail ?? "It was cancelled.";

    private static async Task WriteAsync(Invocation call, LipSolClient client, Transcription answer, string path, string format)
    {
        var file = path + (format == "text" ? ".txt" : "." + format);
        var content = format == "json" ? System.Text.Json.JsonSerializer.Serialize(answer, Terminals.Terminal.JsonOptions) + "\n" : await client.Transcriptions.GetSubtitlesAsync(answer.Id, format, call.Cancelled);
        await File.WriteAllTextAsync(file, content, call.Cancelled);
        if (!call.Terminal.Json) call.Terminal.Line(file);
    }

    // The clip's own name, with a number behind it where two have the same.
    private static List<string> Names(IReadOnlyList<string> paths)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. paths.Select(path =>
        {
            var name = Path.GetFileNameWithoutExtension(path);
            var unique = name;
            for (var n = 2; !taken.Add(unique); n++) unique = $"{name}-{n}";
            return unique;
        })];
    }
}
