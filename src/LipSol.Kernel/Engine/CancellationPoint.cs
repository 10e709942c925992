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
    /// <summary>How many cells were interrupted lately: all that a loop looks at as long as none was. A field, since a call would cost a short loop more than all else in it: cells aren't optimised.</summary>
#pragma warning disable CA2211 // Only cells see it, and they have to.
    public static volatile int Pending;
#pragma warning restore CA2211

    /// <summary>Ends the cell that comes here if it was interrupted: a stretch of its own, and nothing that it handed to tasks, threads or timers, whose exceptions may end the process.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static void Reach()
    {
        if (Pending != 0 && InterruptibleContext.IsInside && KernelInvocationContext.Current is { IsInterrupted: true, IsShielded: false } cell)
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

    /// <summary>Until what it gives is disposed the cell isn't ended: what cleans up is done whole, and what it calls.</summary>
    public static Shielded Shield() => new(KernelInvocationContext.Current);

    /// <summary>From now on points are looked at closely, until as many <see cref="Lower"/> as this.</summary>
    internal static void Raise() => Interlocked.Increment(ref Pending);

    /// <summary>Takes back one <see cref="Raise"/>.</summary>
    internal static void Lower() => Interlocked.Decrement(ref Pending);

    /// <summary>What <see cref="Shield"/> gives.</summary>
    public readonly struct Shielded : IDisposable
    {
        private readonly KernelInvocationContext? _cell;

        internal Shielded(KernelInvocationContext? cell)
        {
            _cell = cell;
            cell?.Shield(1);
        }

        /// <inheritdoc />
        public void Dispose() => _cell?.Shield(-1);
    }
}
