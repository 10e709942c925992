using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;

namespace LipSol.Cli.Models;

/// <summary><c>transcribe</c>: a clip in, words out.</summary>
internal static class TranscribeCommand
{
    public static Command Create()
    {
        var clip = new Argument<string>("CLIP") { Description = "A video, or a mouth clip (.npz)." };
        var model = new Option<string?>("--model") { Description = "The model [default: the one in production]." };
        var version = new Option<int?>("--version-number") { Description = "The version [default: the one in production].", HelpName = "N" };
        var start = new Option<double?>("--start") { Description = "Where the word starts, in seconds, if known." };
        var end = new Option<double?>("--end") { Description = "Where the word ends, in seconds, if known." };
        var decoder = DecoderOption.Create();
        var format = new Option<string>("--format") { Description = "text, json, srt or vtt.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "srt", "vtt");
        return new CliCommand("transcribe", "Read a clip's lips.", "lipsol transcribe clip.mp4", "lipsol transcribe clip.mp4 --model urdu-words --format srt", "lipsol transcribe sentence.mp4 --model urdu-sentences --decoder grammar")
            .With(clip, model, version, start, end, decoder, format)
            .Does(async call =>
            {
                if (!File.Exists(call.Value(clip))) throw new BadInputException($"There is no file {call.Value(clip)}.");
                var options = new TranscriptionOptions { Model = call.Value(model), Version = call.Value(version), Start = call.Value(start), End = call.Value(end), Decoder = call.Value(decoder) };
                await using var node = await NodeSession.OpenAsync(call);
                var wanted = call.Value(format)!;
                if (!call.Terminal.Json && wanted is "srt" or "vtt")
                {
                    call.Terminal.Line((await node.Client.Transcriptions.SubtitleAsync(call.Value(clip), wanted, options, call.Cancelled)).TrimEnd());
                    return ExitStatus.Done;
                }
                var read = await node.Client.Transcriptions.TranscribeAsync(call.Value(clip), options, call.Cancelled);
                if (call.Terminal.Json || wanted == "json")
                {
                    call.Terminal.Document(read);
                    return ExitStatus.Done;
                }
                call.Terminal.Line(read.Text);
                call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"confidence {100 * read.Confidence:0} %; {(read.Decoder is { } by ? $"decoder {by}, " : "")}{read.Provenance.Model} version {read.Provenance.Version}, run {read.Provenance.RunId}, data {read.Provenance.DataHash}{(read.Provenance.Synthetic ? ", trained on drawn speakers" : "")}"));
                if (read.Decoder is not null) DescribeSentence(call, read);
                foreach (var note in read.Notes) call.Terminal.Note("note: " + note);
                if (read.LookAlike.Count > 0) call.Terminal.Note("looks the same on the lips: " + string.Join("  ", read.LookAlike));
                return ExitStatus.Done;
            });
    }

    private static void DescribeSentence(Invocation call, Transcription read)
    {
        foreach (var word in read.Words) call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{word.Start,6:0.00} to {word.End:0.00} s  {100 * word.Confidence,3:0} %  {word.Word}"));
        if (read.Alternatives.Count < 2) return;
        call.Terminal.Note("it may also be:");
        foreach (var other in read.Alternatives.Skip(1)) call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{100 * other.Confidence,3:0} %  {other.Text}  (score {other.Score:0.00}; the best has {read.Alternatives[0].Score:0.00})"));
    }
}
