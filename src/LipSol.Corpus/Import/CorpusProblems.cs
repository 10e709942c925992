namespace LipSol.Corpus;

/// <summary>Something that's wrong with a corpus as it was given.</summary>
/// <param name="File">The file to look at, relative to the corpus' folder.</param>
/// <param name="Line">Its line, from 1, where there is one.</param>
/// <param name="Message">What is wrong and, where it helps, what to do.</param>
public sealed record CorpusProblem(string File, int? Line, string Message)
{
    /// <summary><c>file:line: message</c>.</summary>
    public override string ToString() => Line is null ? $"{File}: {Message}" : $"{File}:{Line}: {Message}";
}

/// <summary>A corpus that can't be imported or used as it is: every problem at once, so that they can be mended in one go.</summary>
public sealed class CorpusProblemsException : Exception
{
    private const int Shown = 50;

    /// <summary>Creates the exception.</summary>
    public CorpusProblemsException(IReadOnlyList<CorpusProblem> problems) : base(Text(problems)) => Problems = problems;

    /// <summary>All problems.</summary>
    public IReadOnlyList<CorpusProblem> Problems { get; }

    /// <summary>Throws if there is any problem.</summary>
    public static void ThrowIfAny(IReadOnlyList<CorpusProblem> problems)
    {
        if (problems.Count > 0) throw new CorpusProblemsException(problems);
    }

    private static string Text(IReadOnlyList<CorpusProblem> problems)
    {
        var lines = problems.Take(Shown).Select(p => p.ToString());
        var more = problems.Count > Shown ? $"\n… and {problems.Count - Shown} more" : "";
        return $"{(problems.Count == 1 ? "1 problem" : $"{problems.Count} problems")} with this corpus:\n{string.Join('\n', lines)}{more}";
    }
}
