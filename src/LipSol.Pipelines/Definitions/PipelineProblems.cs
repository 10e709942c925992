namespace LipSol.Pipelines;

/// <summary>Something in a pipeline's file that can't be, and what to do.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Text">What is wrong and what to do.</param>
public sealed record PipelineProblem(int Line, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}: {Text}";
}

/// <summary>A pipeline's file can't be used. All that is wrong with it is told at once.</summary>
public sealed class PipelineFileException : Exception
{
    internal PipelineFileException(IReadOnlyList<PipelineProblem> problems) : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>What is wrong, by line.</summary>
    public IReadOnlyList<PipelineProblem> Problems { get; }
}
