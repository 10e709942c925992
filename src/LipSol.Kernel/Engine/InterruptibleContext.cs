using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Where a cell's code runs: on a thread of its own up to its first await, then on the thread pool, stretch by stretch. Once interrupted, a stretch that runs ends at its next
/// <see cref="CancellationPoint"/>, one that sleeps or waits is woken, and one that would come never does, so an abandoned await never resumes. Native code, and a library's that
/// doesn't come back to the cell, finishes first.
/// </summary>
/// <remarks>
/// No thread that takes its stretches from a queue: <c>ReadAsync().Result</c> in a cell would wait for ever on it. And no abort: on Linux the runtime itself ends, by a fault or an exception that it
/// doesn't catch, where it aborts a thread that returns from a function (docs/decisions/0005-a-notebook-kernel-of-our-own.md).
/// </remarks>
internal sealed class InterruptibleContext : SynchronizationContext
{
    // What a cell that listens to its token has for ending by itself.
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(100);

    // Between two attempts to wake who waits.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    [ThreadStatic]
    private static InterruptibleContext? _current;

    private readonly KernelInvocationContext _cell;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Thread> _inside = [];
    private int _publishing;

    private InterruptibleContext(KernelInvocationContext cell) => _cell = cell;

    /// <summary>Whether the current thread runs a stretch of a cell, and nothing that the cell handed to others.</summary>
    public static bool IsInside => _current is not null;

    /// <summary>Runs <paramref name="body"/>, code of <paramref name="cell"/>, until it ends, or until the cell was interrupted and no thread is inside it any more.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> body, KernelInvocationContext cell)
    {
        cell.CancellationToken.ThrowIfCancellationRequested();
        var context = new InterruptibleContext(cell);
        await using var registration = cell.CancellationToken.UnsafeRegister(static context => ((InterruptibleContext)context!).Interrupt(), context);
        Task<T>? running = null;
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            context.Enter(() =>
            {
                try
                {
                    running = body();
                }
                catch (Exception e)
                {
                    running = Task.FromException<T>(e);
                }
            });
            paused.SetResult();
        })
        { IsBackground = true, Name = "cell" }.Start();
        await paused.Task;
        if (running is not null)
            await Task.WhenAny(running, context._left.Task);
        else
            await context._left.Task;
        // An interrupted cell may still have come to an end, of the interrupt: that is no outcome of its own.
        return running is { IsCompleted: true } && !cell.IsInterrupted ? await running : throw new OperationCanceledException(cell.CancellationToken);
    }

    /// <summary>Runs <paramref name="action"/> without being woken in the midst of it, so that it is done whole; not at all where the current thread runs a cell that was interrupted, which ends here.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static void Undisturbed<T>(Action<T> action, T argument)
    {
        if (_current is not { } context)
        {
            action(argument);
            return;
        }

        // Under this lock nobody is woken.
        lock (context._inside)
            context._publishing++;
        try
        {
            CancellationPoint.Reach();
            action(argument);
        }
        finally
        {
            Interlocked.Decrement(ref context._publishing);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!_cell.IsInterrupted || _cell.IsShielded)
            ThreadPool.QueueUserWorkItem(_ => Enter(() => d(state)));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    // On a thread of its own: the cell may have taken all those of the pool.
    private void Interrupt() => new Thread(() =>
    {
        Thread.Sleep(Courtesy);
        if (!_cell.Interrupt()) return;
        LeaveIfEmpty();
        while (!_left.Task.IsCompleted)
        {
            Thread.Sleep(Pause);
            lock (_inside)
            {
                if (Volatile.Read(ref _publishing) > 0 || _cell.IsShielded)
                    continue;
                foreach (var thread in _inside.Where(t => t.ThreadState.HasFlag(ThreadState.WaitSleepJoin)))
                    thread.Interrupt();
            }
        }
    })
    { IsBackground = true, Name = "cell interrupt" }.Start();

    private void Enter(Action stretch)
    {
        var (before, outer) = (Current, _current);
        lock (_inside)
        {
            if (_cell.IsInterrupted && !_cell.IsShielded)
                return;
            _inside.Add(Thread.CurrentThread);
        }

        try
        {
            SetSynchronizationContext(this);
            _current = this;
            stretch();
        }
        catch (Exception e) when (_cell.IsInterrupted && e is OperationCanceledException or ThreadInterruptedException)
        {
            // It ended as asked for.
        }
        catch (Exception e)
        {
            // An async void method of the cell threw: nobody awaits it, and it must not end the kernel.
            _current = outer;
            Console.Error.WriteLine(string.Join('\n', ErrorReport.Of(e).Traceback));
        }
        finally
        {
            _current = outer;
            SetSynchronizationContext(before);
            Leave();
        }
    }

    private void Leave()
    {
        try
        {
            lock (_inside)
                _inside.Remove(Thread.CurrentThread);
            // A thread that was woken and wasn't asleep would be woken from what it does next.
            if (_cell.IsInterrupted)
                Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
            lock (_inside)
                _inside.Remove(Thread.CurrentThread);
        }

        if (_cell.IsInterrupted)
            LeaveIfEmpty();
    }

    private void LeaveIfEmpty()
    {
        lock (_inside)
        {
            if (_inside.Count == 0 && !_cell.IsShielded)
                _left.TrySetResult();
        }
    }
}
