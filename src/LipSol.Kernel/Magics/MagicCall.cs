using LipSol.Kernel.Engine;
using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Magics;

/// <summary>What a magic may do: the cell it stands in, and the kernel's values.</summary>
internal sealed class MagicCall
{
    public required KernelInvocationContext Context { get; init; }

    /// <summary>What the lines around it are written in.</summary>
    public required PartLanguage Language { get; init; }

    /// <summary>The variables of F#, or else of C#, the newest of each name.</summary>
    public required Func<PartLanguage, IReadOnlyList<KernelVariable>> Variables { get; init; }

    /// <summary>What <c>#!value</c> keeps, by name.</summary>
    public required IDictionary<string, object?> Values { get; init; }

    /// <summary>Declares a variable, in the language of the lines around, that holds this very object.</summary>
    public required Func<string, object?, Task<CellError?>> Declare { get; init; }

    /// <summary>Runs other text as if it stood here; what it is called in errors.</summary>
    public required Func<string, string, string?, Task<CellError?>> RunText { get; init; }

    /// <summary>A path as the notebook means it.</summary>
    public required Func<string, string> Absolute { get; init; }

    /// <summary>To be called when the cell ends.</summary>
    public required Action<Action> AtEnd { get; init; }
}
