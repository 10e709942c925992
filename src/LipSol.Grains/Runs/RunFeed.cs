using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;

namespace LipSol.Grains.Runs;

/// <summary>The latest batches of a run in memory, and a bell for those who follow it. Used on the run grain's scheduler only.</summary>
internal sealed class RunFeed(int largestNumberOfPoints = 4096)
{
    private readonly Queue<StoredBatch> _latest = new();
    private int _points;
    private TaskCompletionSource _bell = NewBell();

    /// <summary>The last batch's cursor.</summary>
    public long Cursor { get; private set; }

    /// <summary>Counts what happened: batches, changes of status, signs of life.</summary>
    public long Version { get; private set; }

    /// <summary>Where the feed begins: batches up to <paramref name="cursor"/> are in the store only.</summary>
    public void StartAt(long cursor)
    {
        _latest.Clear();
        _points = 0;
        Cursor = cursor;
    }

    public void Append(long cursor, IReadOnlyList<MetricPoint> points)
    {
        // A batch that another activation appended is missing here: what follows it can't be told without a hole.
        if (cursor != Cursor + 1) StartAt(cursor - 1);
        _latest.Enqueue(new StoredBatch(cursor, points));
        _points += points.Count;
        while (_points > largestNumberOfPoints && _latest.Count > 1) _points -= _latest.Dequeue().Points.Count;
        Cursor = cursor;
        Ring();
    }

    /// <summary>Wakes those who wait.</summary>
    public void Ring()
    {
        Version++;
        TaskCompletionSource rung = _bell;
        _bell = NewBell();
        rung.SetResult();
    }

    /// <summary>The batches after <paramref name="cursor"/>; null where some of them are no longer in memory.</summary>
    public List<StoredBatch>? Since(long cursor)
    {
        if (cursor >= Cursor) return [];
        return _latest.Count > 0 && _latest.Peek().Cursor <= cursor + 1 ? [.. _latest.Where(b => b.Cursor > cursor)] : null;
    }

    /// <summary>Done once something happened after <paramref name="version"/>.</summary>
    public Task WaitAsync(long version, CancellationToken cancellationToken) =>
        version != Version ? Task.CompletedTask : _bell.Task.WaitAsync(cancellationToken);

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
