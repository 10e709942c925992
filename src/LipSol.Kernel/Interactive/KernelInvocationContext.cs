using LipSol.Kernel.Engine;

namespace Microsoft.DotNet.Interactive;

/// <summary>
/// The cell that runs now, under the name that .NET Interactive gave it, so that notebooks written for it compile unchanged.
/// It follows the flow of execution: a task started by a cell still belongs to that cell.
/// </summary>
public sealed class KernelInvocationContext
{
    private static readonly AsyncLocal<KernelInvocationContext?> Flow = new();
    private readonly Action<CellOutput> _output;
    private readonly CellInput? _input;
    private readonly Lock _gate = new();
    private volatile bool _interrupted;
    private bool _settled;
    private int _shields;

    internal KernelInvocationContext(Kernel handlingKernel, Action<CellOutput> output, CellInput? input, CancellationToken cancellationToken)
    {
        _input = input;
        HandlingKernel = handlingKernel;
        CancellationToken = cancellationToken;
        _output = output;
    }

    /// <summary>The context of the running cell; null outside of cells.</summary>
    public static KernelInvocationContext Current
    {
        get => Flow.Value!;
        internal set => Flow.Value = value;
    }

    /// <summary>Cancelled when the cell is interrupted or runs out of time.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>The kernel that runs the cell.</summary>
    public Kernel HandlingKernel { get; }

    /// <summary>Which notebook and cell this is.</summary>
    internal Func<IReadOnlyDictionary<string, object?>>? Origin { get; init; }

    /// <summary>Whether the cell has to end now: its token has fired, and the time that it had for listening to it is over.</summary>
    internal bool IsInterrupted => _interrupted;

    /// <summary>Whether something of the cell cleans up, which is let be done.</summary>
    internal bool IsShielded => Volatile.Read(ref _shields) > 0;

    /// <summary>Has the cell end at the next of its <see cref="CancellationPoint"/>s.</summary>
    /// <returns>False where it's over.</returns>
    internal bool Interrupt()
    {
        lock (_gate)
        {
            if (_settled) return false;
            if (!_interrupted) CancellationPoint.Raise();
            return _interrupted = true;
        }
    }

    internal void Shield(int by) => Interlocked.Add(ref _shields, by);

    /// <summary>What the cell started and goes on is left alone from now on.</summary>
    internal void Settle()
    {
        lock (_gate)
        {
            if (_settled) return;
            _settled = true;
            if (_interrupted) CancellationPoint.Lower();
        }
    }

    internal void Publish(CellOutput output) => InterruptibleContext.Undisturbed(_output, output);

    internal Task<string> Ask(string prompt, bool isPassword) => _input is null
        ? throw new InvalidOperationException("Nobody can be asked here: this notebook runs without a person in front of it. Give the value as a parameter (-p name=value).")
        : _input(prompt, isPassword, CancellationToken);
}
