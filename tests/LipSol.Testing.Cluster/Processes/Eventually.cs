using System.Diagnostics;

namespace LipSol.Testing.Cluster.Processes;

/// <summary>Waits for what another process does, and says what it waited for where it doesn't come.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks again and again until there is something.</summary>
    public static async Task<T> FindAsync<T>(string what, TimeSpan patience, Func<Task<T?>> look) where T : class
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await look() is { } found) return found;
            Assert.True(Stopwatch.GetElapsedTime(since) < patience, $"Within {patience.TotalSeconds:0} s there was no {what}.");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(string what, TimeSpan patience, Func<bool> look) =>
        FindAsync(what, patience, () => Task.FromResult(look() ? "" : null));
}
