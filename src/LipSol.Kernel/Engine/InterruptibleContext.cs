using System.Runtime;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Where a cell's code runs: on a thread of its own up to its first await, then on the thread pool, stretch by stretch, each under <see cref="ControlledExecution"/>. Once interrupted, a
/// stretch that runs is aborted (a loop, a sleep, a wait) and one that would come never does, so an abandoned await never resumes. Native code finishes first. What the cell handed
/// to <see cref="Task.Run(Action)"/> isn't its own any more: it has the cell's token.
/// </summary>
/// <remarks>
/// No thread that takes its stretches from a queue: <c>ReadAsync().Result</c> in a cell would wait for ever on it.
/// </remarks>
internal sealed class InterruptibleContext : SynchronizationContext
{
    // What a cell that listens to its token has for ending by itself.
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(100);

    // In this time whoever writes in a loop has come to a halt where an abort harms nothing.
    private static readonly TimeSpan Halt = TimeSpan.FromMilliseconds(10);
    // By then an abort has ended whoever it can.
    private static readonly TimeSpan Wake = TimeSpan.FromMilliseconds(120);
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Thread> _inside = [];
    private int _publishing;
    private bool _closing;

    private InterruptibleContext() => _abort.Token.UnsafeRegister(static context => ((InterruptibleContext)context!).LeaveIfEmpty(), this);

    /// <summary>Runs <paramref name="cell"/> until it ends, or until <paramref name="interrupt"/> has fired and no thread is inside it any more.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> cell, CancellationToken interrupt)
    {
        var context = new InterruptibleContext();
        await using var registration = interrupt.UnsafeRegister(static context => ((InterruptibleContext)context!).Interrupt(), context);
        Task<T>? running = null;
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            context.Enter(() => running = cell());
            paused.SetResult();
        })
        { IsBackground = true, Name = "cell" }.Start();
        await paused.Task;
        if (running is not null)
            await Task.WhenAny(running, context._left.Task);
        else
            await context._left.Task;
        // An aborted cell may still have come to an end, of the abort: that is no outcome of its own.
        return running is { IsCompleted: true } && !context._abort.IsCancellationRequested ? await running : throw new OperationCanceledException(interrupt);
    }

    /// <summary>
    /// Runs <paramref name="action"/> without an abort in the midst of it, so that no lock in it stays taken. Once the cell is about to be aborted nothing is run any more:
    /// who comes here then waits for it here, where it harms nothing.
    /// </summary>
    public void Undisturbed<T>(Action<T> action, T argument)
    {
        Interlocked.Increment(ref _publishing);
        try
        {
            if (!Volatile.Read(ref _closing))
            {
                action(argument);
                return;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _publishing);
        }

        // Cleaning up behind an abort comes here too, and must not be held up.
        if (_abort.IsCancellationRequested)
            return;
        while (!_abort.IsCancellationRequested)
            Thread.Sleep(1);
        Thread.Sleep(Courtesy);
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!_abort.IsCancellationRequested)
            ThreadPool.QueueUserWorkItem(_ => Enter(() => d(state)));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    // On threads of its own: the cell may have taken all those of the pool.
    private void Interrupt() => new Thread(() =>
    {
        Thread.Sleep(Courtesy);
        Volatile.Write(ref _closing, true);
        Thread.Sleep(Halt);
        Interlocked.MemoryBarrier();
        while (Volatile.Read(ref _publishing) > 0)
            Thread.Sleep(1);
        // It waits for those that it aborts.
        new Thread(_abort.Cancel) { IsBackground = true, Name = "cell abort" }.Start();
        // An abort alone doesn't always wake who sleeps. Whoever doesn't has ended by then: interrupted as well, a thread would meet that in whatever it waits for next.
        Thread.Sleep(Wake);
        for (var tries = 0; tries < 80; tries++)
        {
            Thread.Sleep(Halt);
            lock (_inside)
            {
                if (_inside.Count == 0)
                    return;
                foreach (var thread in _inside.Where(t => t.ThreadState.HasFlag(ThreadState.WaitSleepJoin)))
                    thread.Interrupt();
            }
        }
    })
    { IsBackground = true, Name = "cell interrupt" }.Start();

    private void Enter(Action stretch)
    {
        var before = Current;
        lock (_inside)
        {
            if (_abort.IsCancellationRequested)
                return;
            _inside.Add(Thread.CurrentThread);
        }

        var signals = SignalMask.Read();
        try
        {
#pragma warning disable SYSLIB0046 // The risk it warns of is taken knowingly: a person who interrupts a cell wants it to end.
            ControlledExecution.Run(() =>
            {
                SetSynchronizationContext(this);
                stretch();
            }, _abort.Token);
#pragma warning restore SYSLIB0046
        }
        catch (Exception e) when (_abort.IsCancellationRequested && e is OperationCanceledException or ThreadInterruptedException)
        {
            // Aborted as asked for.
        }
        catch (Exception e)
        {
            // An async void method of the cell threw: nobody awaits it, and it must not end the kernel.
            Console.Error.WriteLine(string.Join('\n', ErrorReport.Of(e).Traceback));
        }
        finally
        {
            // First of all: whatever else is done may start a thread.
            signals.Restore();
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
            if (_abort.IsCancellationRequested)
                Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
            lock (_inside)
                _inside.Remove(Thread.CurrentThread);
        }

        if (_abort.IsCancellationRequested)
            LeaveIfEmpty();
    }

    private void LeaveIfEmpty()
    {
        lock (_inside)
        {
            if (_inside.Count == 0)
                _left.TrySetResult();
        }
    }
}
