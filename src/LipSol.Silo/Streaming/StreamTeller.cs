using LipSol.Client;

namespace LipSol.Silo.Streaming;

/// <summary>Tells a stream's caller what was read and what is worth knowing.</summary>
internal sealed class StreamTeller(StreamSocket socket, StreamClock clock, TimeProvider timeProvider)
{
    private static readonly TimeSpan BetweenNotices = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, long> noticed = [];
    private readonly List<string> said = [];

    /// <summary>All words that are final.</summary>
    public string Said => string.Join(' ', said);

    /// <summary>Words that came to stay, and those behind them.</summary>
    public void Captions(CaptionChange change, double time)
    {
        time = Math.Round(time, 3);
        if (change.Finals.Count > 0)
        {
            said.AddRange(change.Finals.Select(w => w.Word));
            socket.Send(new StreamFinal(Text(change.Finals), Rounded(change.Finals), time));
        }

        if (change.TailChanged) socket.Send(new StreamPartial(Text(change.Tail), Rounded(change.Tail), time));
    }

    /// <summary>Tells something, of each kind at most once a second; returns whether it did.</summary>
    public bool Notice(string reason, string detail, bool always = false)
    {
        lock (noticed)
        {
            if (!always && noticed.TryGetValue(reason, out var last) && timeProvider.GetElapsedTime(last) < BetweenNotices) return false;
            noticed[reason] = timeProvider.GetTimestamp();
        }

        socket.Send(new StreamNotice(reason, detail, Math.Round(clock.Time, 3)));
        return true;
    }

    private static string Text(IReadOnlyList<TranscribedWord> words) => string.Join(' ', words.Select(w => w.Word));

    private static TranscribedWord[] Rounded(IReadOnlyList<TranscribedWord> words) => [.. words.Select(w => w with { Start = Math.Round(w.Start, 3), End = Math.Round(w.End, 3), Confidence = Math.Round(w.Confidence, 3) })];
}
