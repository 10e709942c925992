namespace LipSol.Silo.Workers;

/// <summary>A few places, taken in the order of asking, but that whoever waits in bulk waits until nobody else does.</summary>
/// <param name="places">Places.</param>
internal sealed class Turns(int places)
{
    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource> live = new(), bulk = new();
    private int free = places;

    /// <summary>Takes a place where one is free.</summary>
    public bool TryTake()
    {
        lock (gate)
        {
            if (free == 0) return false;
            free--;
            return true;
        }
    }

    /// <summary>Waits for a place. Give it back by <see cref="Release"/>.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; no place is held.</exception>
    public async Task WaitAsync(bool inBulk, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryTake()) return;
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = inBulk ? bulk : live;
        LinkedListNode<TaskCompletionSource>? place = null;
        lock (gate)
        {
            if (free > 0) free--;
            else place = queue.AddLast(turn);
        }
        if (place is null) return;
        await using var cancelled = cancellationToken.Register(() =>
        {
            lock (gate)
            {
                // Whose turn has come has it.
                if (place.List is null) return;
                queue.Remove(place);
            }
            turn.TrySetCanceled(cancellationToken);
        });
        await turn.Task;
    }

    /// <summary>Gives a place back.</summary>
    public void Release()
    {
        TaskCompletionSource? next;
        lock (gate)
        {
            var queue = live.Count > 0 ? live : bulk;
            if (queue.First is not { } first)
            {
                free++;
                return;
            }
            next = first.Value;
            queue.RemoveFirst();
        }
        next.TrySetResult();
    }
}
