namespace LipSol.Kernel.Engine;

/// <summary>
/// Why a cell ended early. <see cref="Name"/> is the exception's type (or <c>CompilationError</c>, <c>MagicError</c>, <c>PackageError</c>, <c>Timeout</c>);
/// <see cref="Traceback"/> is what to print: lines are the cell's own, frames of the kernel are left out.
/// </summary>
public sealed record CellError(string Name, string Message, IReadOnlyList<string> Traceback)
{
    internal static CellError Plain(string name, string message) => new(name, message, [$"{name}: {message}"]);
}

/// <summary>How a cell ended; <see cref="Error"/> is null when it ran through.</summary>
public sealed record CellResult(int ExecutionCount, CellError? Error)
{
    /// <summary>Whether it ran through.</summary>
    public bool Succeeded => Error is null;
}

/// <summary>A cell asked for something the kernel can't do, and the message says what to write instead.</summary>
internal sealed class CellRefusedException(string name, string message) : Exception(message)
{
    public string Name => name;
}
