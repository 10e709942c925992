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

    internal KernelInvocationContext(Kernel handlingKernel, Action<CellOutput> output, CancellationToken cancellationToken)
    {
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

    internal void Publish(CellOutput output) => _output(output);
}
