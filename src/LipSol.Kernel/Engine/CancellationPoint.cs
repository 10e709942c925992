using System.ComponentModel;
using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Engine;

/// <summary>
/// A place in a cell where it ends once it is interrupted (as in pthreads(7), "cancellation points"). <see cref="CSharpCancellationPoints"/> and <see cref="FSharpCancellationPoints"/> put them
/// into every loop and function; nobody else calls this.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CancellationPoint
{
    private static readonly AsyncLocal<int> Shields = new();
    private static int _interrupted;

    /// <summary>Whether any cell was interrupted lately: all that a loop looks at as long as none was.</summary>
    public static bool IsPending => Volatile.Read(ref _interrupted) != 0;

    /// <summary>Ends the cell that comes here if it was interrupted. So do tasks that it started, since those keep what they throw; threads and timers of its own go on, which an exception would end the process by.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static void Reach()
    {
        if (IsPending && KernelInvocationContext.Current is { IsInterrupted: true } cell && Shields.Value == 0 && (InterruptibleContext.IsInside || Task.CurrentId is not null))
            throw new OperationCanceledException("The cell was interrupted.", cell.CancellationToken);
    }

    /// <summary>As <see cref="Reach"/>, on the way to <paramref name="value"/>: where a statement can't stand.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public static T Pass<T>(T value)
        where T : allows ref struct
    {
        Reach();
        return value;
    }

    /// <summary>Until what it gives is disposed no point ends this flow of execution: what cleans up is done whole, and what it calls.</summary>
    public static Shielded Shield()
    {
        Shields.Value++;
        return default;
    }

    /// <summary>From now on points are looked at closely, until as many <see cref="Lower"/> as this.</summary>
    internal static void Raise() => Interlocked.Increment(ref _interrupted);

    /// <summary>Takes back one <see cref="Raise"/>.</summary>
    internal static void Lower() => Interlocked.Decrement(ref _interrupted);

    /// <summary>What <see cref="Shield"/> gives.</summary>
    public readonly struct Shielded : IDisposable
    {
        /// <inheritdoc />
        public void Dispose() => Shields.Value--;
    }
}
