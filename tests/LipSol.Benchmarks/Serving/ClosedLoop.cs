using LipSol.Benchmarks.Running;

namespace LipSol.Benchmarks.Serving;

/// <summary>Callers that send one request after the other, each once it has the answer to the one before.</summary>
internal static class ClosedLoop
{
    /// <summary>Answers a second.</summary>
    /// <param name="callers">How many, side by side.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="send">Sends one, given the caller's number; false where it was refused, which isn't counted.</param>
    public static async Task<double> RateAsync(int callers, TimeSpan duration, Func<int, Task<bool>> send)
    {
        using var over = new CancellationTokenSource(duration);
        return await Statistics.RateAsync(async () => (await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            long done = 0;
            while (!over.IsCancellationRequested)
                if (await send(caller)) done++;
                // On a machine that's busy with other things.
                else await Task.Delay(100);
            return done;
        }))).Sum());
    }
}
