namespace LipSol.Kernel.Notebooks;

/// <summary>A file isn't a notebook that can be run; the message says what to do.</summary>
public sealed class NotebookFormatException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A parameter was given that the notebook doesn't have, or a value that isn't of its type.</summary>
public sealed class NotebookParameterException(string message) : Exception(message);

/// <summary>The process that was to run a notebook's cells ended before the first of them.</summary>
public sealed class NotebookKernelException(string message) : Exception(message);
