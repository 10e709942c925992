using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Terminals;
using LipSol.Client;
using LipSol.Clips;

namespace LipSol.Cli.Models;

/// <summary><c>transcribe</c>: a clip in, words out; or several.</summary>
internal static class TranscribeCommand
{
    public static Command Create()
    {
        var clips = new Argument<string[]>("CLIP…") { Description = "A video, a mouth clip (.npz), or a folder of numbered pictures; several are sent at once.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string?>("--model") { Description = "The model [default: the one in production]." };
        var version = new Option<int?>("--version-number") { Description = "The version [default: the one in production].", HelpName = "N" };
        var start = new Option<double?>("--start") { Description = "Where the word starts, in seconds, if known." };
        var end = new Option<double?>("--end") { Description = "Where the word ends, in seconds, if known." };
        var decoder = DecoderOption.Create();
        var format = new Option<string>("--format") { Description = "text, json, srt or vtt.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "srt", "vtt");
        var rate = new Option<double?>("--frames-per-second") { Description = "Of a folder of pictures: how many make a second [default: 25].", HelpName = "N" };
        var keep = new Option<bool>("--keep-clip") { Description = "Keep the mouth clip in the node's artifact store; nothing of a video is kept otherwise." };
        var within = new Option<double?>("--within") { Description = "Give up what isn't read within so many seconds.", HelpName = "SECONDS" };
        var later = new Option<bool>("--async") { Description = "For a long clip: show how far it is; Ctrl-C cancels it on the node too." };
        var folder = new Option<string?>("--out") { Description = "Of several clips: folder for one file each (.txt, .json, .srt, .vtt).", HelpName = "DIR" };
        return new CliCommand("transcribe", "Read clips' lips.", "lipsol transcribe clip.mp4", "lipsol transcribe clip.mp4 --model urdu-words --format srt", "lipsol transcribe sentence.mp4 --model urdu-sentences --decoder grammar",
                "lipsol transcribe one.mp4 two.mp4 three.mp4 --format vtt --out subtitles")
            .With(clips, model, version, start, end, decoder, format, rate, keep, within, later, folder)
            .Does(async call =>
            {
                var paths = call.Value(clips);
                foreach (var path in paths)
                    if (!File.Exists(path) && !Directory.Exists(path)) throw new BadInputException($"There is no file {path}.");
                if (call.Value(within) is { } seconds and not (> 0 and <= 86400)) throw new BadInputException(FormattableString.Invariant($"--within {seconds}: give the seconds within which an answer is worth something, more than 0 and at most 86400."));
                var options = new TranscriptionOptions { Model = call.Value(model), Version = call.Value(version), Start = call.Value(start), End = call.Value(end), Decoder = call.Value(decoder), KeepClip = call.Value(keep), Within = call.Value(within) is { } most ? TimeSpan.FromSeconds(most) : null };
                var wanted = call.Value(format)!;
                if (paths.Length > 1)
                {
                    if (wanted is "srt" or "vtt" && call.Value(folder) is null) throw new BadInputException($"Of several clips, {wanted} goes into a file each. Name a folder for them with --out.");
                    await using var batchNode = await NodeSession.OpenAsync(call);
                    return await SeveralClips.ReadAsync(call, batchNode.Client, paths, options, wanted, call.Value(folder));
                }
                if (call.Value(folder) is not null) throw new BadInputException("--out is for several clips; of one, the answer is printed.");
                if (Directory.Exists(paths[0]) && call.Value(later)) throw new BadInputException("--async is for a video or a mouth clip; pictures are read at once.");
                await using var node = await NodeSession.OpenAsync(call);
                if (!call.Terminal.Json && wanted is "srt" or "vtt")
                {
                    call.Terminal.Line((await SubtitleAsync(call, node.Client.Transcriptions, paths[0], wanted, call.Value(rate), call.Value(later), options)).TrimEnd());
                    return ExitStatus.Done;
                }
                var read = await ReadAsync(call, node.Client.Transcriptions, paths[0], call.Value(rate), call.Value(later), options);
                if (call.Terminal.Json || wanted == "json") call.Terminal.Document(read);
                else Describe(call, read);
                return ExitStatus.Done;
            });
    }

    private static Task<Transcription> ReadAsync(Invocation call, TranscriptionsClient transcriptions, string path, double? rate, bool later, TranscriptionOptions options) =>
        Directory.Exists(path) ? transcriptions.TranscribeFramesAsync(Pictures(path), rate ?? 25, options, call.Cancelled)
        : later ? LaterAsync(call, transcriptions, path, options)
        : transcriptions.TranscribeAsync(path, options, call.Cancelled);

    private static IReadOnlyList<string> Pictures(string folder) => NumberedPictures.In(folder, [".png", ".jpg", ".jpeg"]) is { Count: > 0 } pictures ? pictures
        : throw new BadInputException($"The folder {folder} holds no numbered pictures. Name them 0001.png, 0002.png, … (PNG or JPEG).");

    private static async Task<string> SubtitleAsync(Invocation call, TranscriptionsClient transcriptions, string path, string format, double? rate, bool later, TranscriptionOptions options)
    {
        if (Directory.Exists(path)) return await transcriptions.SubtitleFramesAsync(Pictures(path), rate ?? 25, format, options, call.Cancelled);
        if (!later) return await transcriptions.SubtitleAsync(path, format, options, call.Cancelled);
        return await transcriptions.GetSubtitlesAsync((await LaterAsync(call, transcriptions, path, options)).Id, format, call.Cancelled);
    }

    private static async Task<Transcription> LaterAsync(Invocation call, TranscriptionsClient transcriptions, string path, TranscriptionOptions options)
    {
        var job = await transcriptions.StartAsync(path, options, call.Cancelled);
        using var progress = call.Terminal.Progress("waiting", "");
        try
        {
            job = await transcriptions.WaitAsync(job.Id, new Told<TranscriptionJob>(now =>
            {
                progress.Stage(now.State.ToString().ToLowerInvariant(), "");
                progress.Report(Math.Round(100 * now.Progress), 100);
            }), call.Cancelled);
        }
        catch (OperationCanceledException)
        {
            await transcriptions.CancelAsync(job.Id, CancellationToken.None);
            throw;
        }
        return job.Transcription ?? throw new BadInputException(job.Problem?.Detail ?? $"Transcription {job.Id} was cancelled.");
    }

    private static void Describe(Invocation call, Transcription read)
    {
        call.Terminal.Line(read.Text);
        call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"confidence {100 * read.Confidence:0} %; {(read.Decoder is { } by ? $"decoder {by}, " : "")}{read.Provenance.Model} version {read.Provenance.Version}, run {read.Provenance.RunId}, data {read.Provenance.DataHash}{(read.Provenance.Synthetic ? ", trained on drawn speakers" : "")}"));
        if (read.Decoder is not null) DescribeSentence(call, read);
        foreach (var note in read.Notes) call.Terminal.Note("note: " + note);
        if (read.LookAlike.Count > 0) call.Terminal.Note("looks the same on the lips: " + string.Join("  ", read.LookAlike));
        if (read.MouthClip is { } kept) call.Terminal.Note("the mouth clip is kept as artifact " + kept);
    }

    private static void DescribeSentence(Invocation call, Transcription read)
    {
        foreach (var word in read.Words) call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{word.Start,6:0.00} to {word.End:0.00} s  {100 * word.Confidence,3:0} %  {word.Word}"));
        if (read.Alternatives.Count < 2) return;
        call.Terminal.Note("it may also be:");
        foreach (var other in read.Alternatives.Skip(1)) call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{100 * other.Confidence,3:0} %  {other.Text}  (score {other.Score:0.00}; the best has {read.Alternatives[0].Score:0.00})"));
    }
}
