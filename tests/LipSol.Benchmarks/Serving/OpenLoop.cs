using System.Diagnostics;

namespace LipSol.Benchmarks.Serving;

/// <summary>Requests that come when they come (Poisson), whether those before are answered or not.</summary>
internal static class OpenLoop
{
    /// <summary>Sends requests for a while and waits for every answer.</summary>
    /// <param name="rate">Requests a second.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="seed">Of the times: the same seed and rate give the same times.</param>
    /// <param name="send">Sends the i-th; false where it was refused.</param>
    public static async Task<Answers> RunAsync(double rate, TimeSpan duration, int seed, Func<int, Task<bool>> send)
    {
        var due = Arrivals(rate, duration, seed);
        var answers = new Task<(bool Accepted, double Milliseconds)>[due.Length];
        var start = Stopwatch.GetTimestamp();
        // A thread of its own, which nothing but the clock holds up.
        await Task.Factory.StartNew(() =>
        {
            for (var i = 0; i < due.Length; i++)
            {
                var left = due[i] - Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (left > 0) Thread.Sleep((int)Math.Ceiling(left));
                answers[i] = AnswerAsync(send(i), start, due[i]);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var all = await Task.WhenAll(answers);
        return new Answers([.. all.Where(a => a.Accepted).Select(a => a.Milliseconds)], [.. all.Where(a => !a.Accepted).Select(a => a.Milliseconds)], Stopwatch.GetElapsedTime(start));
    }

    // From when it was due, not from when it was sent: a sender that is late doesn't make the answer early.
    private static async Task<(bool, double)> AnswerAsync(Task<bool> answer, long start, double due)
    {
        var accepted = await answer.ConfigureAwait(false);
        return (accepted, Stopwatch.GetElapsedTime(start).TotalMilliseconds - due);
    }

    // In whole milliseconds, which is as fine as a thread sleeps.
    private static double[] Arrivals(double rate, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var times = new List<double>();
        for (var at = 0.0; (at -= Math.Log(1 - random.NextDouble()) / rate * 1000) < duration.TotalMilliseconds;) times.Add(Math.Round(at));
        return [.. times];
    }
}

/// <summary>What became of the requests, in milliseconds from when each was due.</summary>
internal sealed record Answers(double[] Accepted, double[] Refused, TimeSpan Took)
{
    /// <summary>A quantile of the accepted ones.</summary>
    public double Quantile(double share)
    {
        var sorted = Accepted.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>Accepted ones a second.</summary>
    public double Rate => Accepted.Length / Took.TotalSeconds;

    /// <summary>The share that was refused.</summary>
    public double RefusedShare => Refused.Length / (double)(Accepted.Length + Refused.Length);
}
