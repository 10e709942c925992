using System.Runtime.ExceptionServices;

namespace LipSol.Artifacts.Files;

/// <summary>Work on all processors whose first error is thrown as it is.</summary>
internal static class InParallel
{
    public static void ForEach<T>(IEnumerable<T> items, Action<T> body, CancellationToken cancellationToken)
    {
        try
        {
            Parallel.ForEach(items, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, body);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }

    public static void For(int count, Action<int> body, CancellationToken cancellationToken) => ForEach(Enumerable.Range(0, count), body, cancellationToken);

    /// <summary>Those for which <paramref name="keep"/> holds, in any order.</summary>
    public static List<T> Where<T>(IEnumerable<T> items, Func<T, bool> keep, CancellationToken cancellationToken)
    {
        var kept = new System.Collections.Concurrent.ConcurrentBag<T>();
        ForEach(items, item =>
        {
            if (keep(item)) kept.Add(item);
        }, cancellationToken);
        return [.. kept];
    }
}
