using System.Diagnostics;
using LipSol.Client;
using LipSol.Corpus;
using LipSol.Language.Scoring;

namespace LipSol.Benchmarks.Streaming;

/// <summary>A recording replayed as a camera would send it, with the words that are said in it.</summary>
/// <param name="Pictures">Its frames as JPEG.</param>
/// <param name="Words">What is said when.</param>
/// <param name="FramesPerSecond">Its rate.</param>
internal sealed record ReplayedStream(IReadOnlyList<byte[]> Pictures, IReadOnlyList<WordTime> Words, double FramesPerSecond)
{
    /// <summary>What is said.</summary>
    public string Text => string.Join(' ', Words.Select(w => w.Word));

    /// <summary>Replays it in real time and measures what came when.</summary>
    public async Task<StreamOutcome> ReadAsync(StreamsClient streams, CancellationToken cancellationToken)
    {
        var begun = 0L;
        var displays = new List<Display>();
        var finals = new List<(string Word, double At)>();
        StreamDone? done = null;
        await foreach (var message in streams.ReadAsync(CameraAsync(), new StreamOptions { FramesPerSecond = FramesPerSecond }, cancellationToken))
        {
            var at = begun == 0 ? 0 : Stopwatch.GetElapsedTime(begun).TotalSeconds;
            switch (message)
            {
                case StreamFinal final:
                    finals.AddRange(final.Words.Select(w => (w.Word, at)));
                    displays.Add(new Display(at, [.. finals.Select(f => f.Word)]));
                    break;
                case StreamPartial partial:
                    displays.Add(new Display(at, [.. finals.Select(f => f.Word), .. partial.Words.Select(w => w.Word)]));
                    break;
                case StreamDone last:
                    done = last;
                    break;
            }
        }

        return new StreamOutcome(done!, string.Join(' ', finals.Select(f => f.Word)), Delays(displays, finals));

        async IAsyncEnumerable<ReadOnlyMemory<byte>> CameraAsync()
        {
            begun = Stopwatch.GetTimestamp();
            for (var t = 0; t < Pictures.Count; t++)
            {
                // A frame is there once its time is over: the camera exposes it until then.
                var due = TimeSpan.FromSeconds((t + 1) / FramesPerSecond) - Stopwatch.GetElapsedTime(begun);
                if (due > TimeSpan.Zero) await Task.Delay(due, cancellationToken);
                yield return Pictures[t];
            }
        }
    }

    /// <summary>Of each word that was read rightly: seconds from its end until it was shown for good, and until it was final.</summary>
    private List<(double Shown, double Final)> Delays(List<Display> displays, List<(string Word, double At)> finals)
    {
        string[] said = [.. Words.Select(w => w.Word)], read = [.. finals.Select(f => f.Word)];
        var delays = new List<(double, double)>();
        foreach (var (reference, hypothesis) in EditDistance.Align<string>(said, read))
        {
            if (reference < 0 || hypothesis < 0 || said[reference] != read[hypothesis]) continue;
            // From behind its last absence on, it's there for good.
            var absent = displays.FindLastIndex(d => d.Words.Count <= hypothesis || d.Words[hypothesis] != read[hypothesis]);
            delays.Add((displays[absent + 1].At - Words[reference].End, finals[hypothesis].At - Words[reference].End));
        }

        return delays;
    }

    private sealed record Display(double At, IReadOnlyList<string> Words);
}

/// <summary>What became of a replayed stream.</summary>
/// <param name="Done">The node's last message.</param>
/// <param name="Text">All final words.</param>
/// <param name="Delays">Seconds from each word's end.</param>
internal sealed record StreamOutcome(StreamDone Done, string Text, IReadOnlyList<(double Shown, double Final)> Delays);
