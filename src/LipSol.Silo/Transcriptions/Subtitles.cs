using System.Globalization;
using System.Text;
using LipSol.Client;

namespace LipSol.Silo.Transcriptions;

/// <summary>A transcription as subtitles. Players order right-to-left text themselves (Unicode bidirectional algorithm), so it's written as it is.</summary>
internal static class Subtitles
{
    private const int WordsACue = 7;

    /// <summary>SubRip.</summary>
    public static string Srt(Transcription read)
    {
        var text = new StringBuilder();
        foreach (var (cue, number) in Cues(read).Select((cue, i) => (cue, i + 1)))
            text.Append(CultureInfo.InvariantCulture, $"{number}\r\n{Time(cue.Start, ',')} --> {Time(cue.End, ',')}\r\n{cue.Text}\r\n\r\n");
        return text.ToString();
    }

    /// <summary>WebVTT, https://www.w3.org/TR/webvtt1/.</summary>
    public static string Vtt(Transcription read)
    {
        var text = new StringBuilder("WEBVTT\n\n");
        text.Append(CultureInfo.InvariantCulture, $"NOTE {read.Provenance.Model} version {read.Provenance.Version}, run {read.Provenance.RunId}, data {read.Provenance.DataHash}\n\n");
        foreach (var cue in Cues(read))
            text.Append(CultureInfo.InvariantCulture, $"{Time(cue.Start, '.')} --> {Time(cue.End, '.')}\n{cue.Text.Replace("&", "&amp;").Replace("<", "&lt;")}\n\n");
        return text.ToString();
    }

    private static IEnumerable<(double Start, double End, string Text)> Cues(Transcription read) =>
        read.Words.Chunk(WordsACue).Select(words => (words[0].Start, words[^1].End, string.Join(' ', words.Select(w => w.Word))));

    private static string Time(double seconds, char separator)
    {
        var time = TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{separator}{time.Milliseconds:000}");
    }
}
