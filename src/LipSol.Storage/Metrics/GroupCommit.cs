using System.Threading.Channels;

namespace LipSol.Storage.Metrics;

/// <summary>What a <see cref="GroupCommit{T}"/> works on.</summary>
internal interface IGroupTransaction : IDisposable
{
    void Begin();
    /// <summary>Undoes what was done since this step began; false where the whole transaction is lost.</summary>
    bool TryUndo();
    void BeginStep();
    void EndStep();
    void Commit();
    void Rollback();
}

/// <summary>
/// Runs write operations one after the other, those that wait at the same time in one transaction: a sync to the disk costs milliseconds and is shared by all of them.
/// An operation is done once its transaction is committed; one that throws undoes itself alone.
/// </summary>
internal sealed class GroupCommit<T> : IAsyncDisposable where T : IGroupTransaction
{
    private const int LargestGroup = 256;
    private readonly Channel<Operation> _waiting = Channel.CreateBounded<Operation>(new BoundedChannelOptions(4 * LargestGroup) { SingleReader = true });
    private readonly Func<T> _open;
    private readonly Lazy<Task> _pump;

    public GroupCommit(Func<T> open)
    {
        _open = open;
        _pump = new Lazy<Task>(() => Task.Factory.StartNew(PumpAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap());
    }

    public Task RunAsync(Action<T> work, CancellationToken cancellationToken) =>
        RunAsync<bool>(t => { work(t); return true; }, cancellationToken);

    public async Task<TResult> RunAsync<TResult>(Func<T, TResult> work, CancellationToken cancellationToken)
    {
        _ = _pump.Value;
        var operation = new Operation<TResult>(work);
        await _waiting.Writer.WriteAsync(operation, cancellationToken);
        return await operation.Completion.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        if (_pump.IsValueCreated) await _pump.Value;
    }

    private async Task PumpAsync()
    {
        T? transaction = default;
        var group = new List<Operation>(LargestGroup);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (group.Count < LargestGroup && _waiting.Reader.TryRead(out Operation? operation)) group.Add(operation);
            try
            {
                transaction ??= _open();
                Execute(transaction, group);
            }
            catch (Exception e)
            {
                foreach (Operation operation in group) operation.Fail(e);
                // A fresh connection next time: this one may be in any state.
                transaction?.Dispose();
                transaction = default;
            }
            group.Clear();
        }
        transaction?.Dispose();
    }

    private static void Execute(T transaction, List<Operation> group)
    {
        transaction.Begin();
        try
        {
            foreach (Operation operation in group)
            {
                transaction.BeginStep();
                try
                {
                    operation.Run(transaction);
                    transaction.EndStep();
                }
                catch (Exception e) when (transaction.TryUndo())
                {
                    operation.Fail(e);
                }
            }
            transaction.Commit();
        }
        catch
        {
            transaction.Rollback();
            throw;
        }
        foreach (Operation operation in group) operation.Succeed();
    }

    private abstract class Operation
    {
        public abstract void Run(T transaction);
        public abstract void Succeed();
        public abstract void Fail(Exception e);
    }

    private sealed class Operation<TResult>(Func<T, TResult> work) : Operation
    {
        private TResult? _result;
        public TaskCompletionSource<TResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public override void Run(T transaction) => _result = work(transaction);
        public override void Succeed() => Completion.TrySetResult(_result!);
        public override void Fail(Exception e) => Completion.TrySetException(e);
    }
}
