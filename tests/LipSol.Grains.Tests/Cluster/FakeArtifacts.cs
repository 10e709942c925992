using System.Collections.Concurrent;
using LipSol.Grains.Ports;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>An artifact store that only says what was removed from it.</summary>
internal sealed class FakeArtifacts : IArtifactRemover
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _removed = new();

    /// <summary>What is removed, in order.</summary>
    public ConcurrentQueue<string> Removed { get; } = new();

    /// <summary>What happens before an artifact is removed; what it throws is told as the store's failure.</summary>
    public Func<string, Task> Removing { get; set; } = _ => Task.CompletedTask;

    public async Task RemoveAsync(string hash, CancellationToken cancellationToken)
    {
        await Removing(hash);
        Removed.Enqueue(hash);
        Of(hash).TrySetResult();
    }

    /// <summary>Done once it's removed.</summary>
    public Task IsRemovedAsync(string hash) => Of(hash).Task.WaitAsync(Patience.Limit);

    private TaskCompletionSource Of(string hash) => _removed.GetOrAdd(hash, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
