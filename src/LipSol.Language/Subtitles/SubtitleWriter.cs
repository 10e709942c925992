using System.Globalization;
using System.Text;

namespace LipSol.Language.Subtitles;

/// <summary>A word of a subtitle.</summary>
/// <param name="Text">The word.</param>
/// <param name="Start">Seconds.</param>
/// <param name="End">Seconds.</param>
public sealed record TimedWord(string Text, double Start, double End);

/// <summary>Words as subtitles, a few a cue. Players order right-to-left text themselves (Unicode bidirectional algorithm), so it's written as it is.</summary>
public static class SubtitleWriter
{
    /// <summary>Words a cue, where nothing else is asked.</summary>
    public const int WordsACue = 7;

    /// <summary>SubRip. It has no times inside a cue: <paramref name="wordsACue"/> of 1 gives every word its own.</summary>
    public static string Srt(IEnumerable<TimedWord> words, int wordsACue = WordsACue)
    {
        var text = new StringBuilder();
        foreach (var (cue, number) in words.Chunk(wordsACue).Select((cue, i) => (cue, i + 1)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{number}\r\n{Time(cue[0].Start, ',')} --> {Time(End(cue), ',')}\r\n");
            text.AppendJoin(' ', cue.Select(w => Line(w.Text))).Append("\r\n\r\n");
        }
        return text.ToString();
    }

    /// <summary>WebVTT, https://www.w3.org/TR/webvtt1/, with a timestamp before each word but a cue's first, as karaoke has.</summary>
    /// <param name="words">The words.</param>
    /// <param name="note">A remark at the top, of one line.</param>
    /// <param name="wordsACue">Words a cue.</param>
    public static string Vtt(IEnumerable<TimedWord> words, string? note = null, int wordsACue = WordsACue)
    {
        var text = new StringBuilder("WEBVTT\n\n");
        if (note is not null) text.Append("NOTE ").Append(Line(note).Replace("-->", "->", StringComparison.Ordinal)).Append("\n\n");
        foreach (var cue in words.Chunk(wordsACue))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Time(cue[0].Start, '.')} --> {Time(End(cue), '.')}\n");
            var (reached, end) = (Milliseconds(cue[0].Start), Milliseconds(End(cue)));
            foreach (var (word, i) in cue.Select((w, i) => (w, i)))
            {
                if (i > 0) text.Append(' ');
                // The specification wants times inside a cue that grow and stay within it.
                var start = Milliseconds(word.Start);
                if (i > 0 && start > reached && start < end)
                {
                    text.Append('<').Append(Time(word.Start, '.')).Append('>');
                    reached = start;
                }
                text.Append(Line(word.Text).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal));
            }
            text.Append("\n\n");
        }
        return text.ToString();
    }

    private static double End(TimedWord[] cue) => Math.Max(cue[0].Start, cue.Max(w => w.End));

    // A line break would end the cue's text.
    private static string Line(string text) => text.ReplaceLineEndings(" ");

    private static long Milliseconds(double seconds) => (long)Math.Round(seconds * 1000);

    private static string Time(double seconds, char separator)
    {
        var time = TimeSpan.FromMilliseconds(Milliseconds(seconds));
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{separator}{time.Milliseconds:000}");
    }
}
