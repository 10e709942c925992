namespace LipSol.Kernel.Engine;

/// <summary>A variable of a language.</summary>
/// <param name="Name">What cells call it.</param>
/// <param name="Type">As which it is declared.</param>
/// <param name="Value">What it holds now.</param>
internal sealed record KernelVariable(string Name, Type Type, object? Value);
