using System.Globalization;

namespace LipSol.Cli.Terminals;

/// <summary>How far something is: a bar with rate and remaining time on a terminal, a plain line every few seconds elsewhere. Silent in the first two seconds.</summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    private readonly TextWriter writer;
    private readonly bool terminal;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly long started;
    private string what;
    private string unit;
    private long stageStarted;
    private long shown;
    private int width;
    private bool ended;

    public ProgressLine(TextWriter writer, bool terminal, string what, string unit, TimeProvider time)
    {
        this.writer = writer;
        this.terminal = terminal;
        this.what = what;
        this.unit = unit;
        this.time = time;
        started = stageStarted = time.GetTimestamp();
        shown = 0;
    }

    /// <summary>Goes on with another stage: rate and remaining time start afresh.</summary>
    public void Stage(string name, string stageUnit)
    {
        lock (gate)
        {
            if (name == what && stageUnit == unit) return;
            what = name;
            unit = stageUnit;
            stageStarted = time.GetTimestamp();
            shown = 0;
        }
    }

    /// <summary>So much of so much is done; a total of 0 is unknown.</summary>
    public void Report(double done, double total, string note = "")
    {
        lock (gate)
        {
            if (ended || time.GetElapsedTime(started) < Silent) return;
            if (shown != 0 && time.GetElapsedTime(shown) < (terminal ? Redraw : PlainInterval)) return;
            shown = time.GetTimestamp();
            var line = Text(done, total, note);
            if (!terminal)
            {
                writer.WriteLine(line);
                return;
            }
            var columns = Columns();
            if (line.Length >= columns) line = line[..(columns - 1)];
            writer.Write("\r" + line.PadRight(width));
            writer.Flush();
            width = line.Length;
        }
    }

    /// <summary>Makes room for a line of text.</summary>
    public void Hide()
    {
        lock (gate)
        {
            if (width == 0) return;
            writer.Write("\r" + new string(' ', width) + "\r");
            width = 0;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            ended = true;
            Hide();
        }
    }

    internal string Text(double done, double total, string note)
    {
        var seconds = time.GetElapsedTime(stageStarted).TotalSeconds;
        // A rate of the first instant says nothing.
        var rate = seconds > 0.5 ? done / seconds : 0;
        var parts = new List<string>();
        if (total > 0)
        {
            var share = Math.Clamp(done / total, 0, 1);
            if (terminal)
            {
                var filled = (int)Math.Round(share * 24);
                parts.Add("[" + new string('#', filled) + new string('.', 24 - filled) + "]");
            }
            parts.Add(share.ToString("0 %", CultureInfo.InvariantCulture));
            if (unit.Length > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{done:0}/{total:0} {unit}"));
            if (unit.Length > 0 && rate > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:0.#}/s"));
            if (rate > 0 && share < 1) parts.Add("ETA " + Clock(seconds / share - seconds));
        }
        else
        {
            if (unit.Length > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{done:0} {unit}"));
            parts.Add(Clock(seconds));
        }
        if (note.Length > 0) parts.Add(note);
        return $"{what}: {string.Join("  ", parts)}";
    }

    private static string Clock(double seconds)
    {
        var span = TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 359_999));
        return span.TotalHours >= 1 ? $"{(int)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}" : $"{span.Minutes}:{span.Seconds:00}";
    }

    private static int Columns()
    {
        try
        {
            return Math.Max(40, Console.WindowWidth);
        }
        catch (IOException)
        {
            return 100;
        }
    }
}
