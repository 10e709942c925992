namespace LipSol.Grains.Runs.Search;

/// <summary>A search that can't be understood. The message shows where, with a caret below the place, and says what was expected.</summary>
public sealed class RunSearchException : Exception
{
    private const int Around = 60;

    /// <summary>Creates it.</summary>
    /// <param name="problem">What is wrong and what to write.</param>
    /// <param name="text">The search.</param>
    /// <param name="position">Where in it, from 0.</param>
    public RunSearchException(string problem, string text, int position) : base($"At character {position + 1}: {problem}\n{Picture(text, position)}") => Position = position;

    /// <summary>Where in the text, from 0.</summary>
    public int Position { get; }

    // A long search is cut, so that the caret stays below its place on a terminal.
    private static string Picture(string text, int position)
    {
        int from = Math.Max(0, position - Around), to = Math.Min(text.Length, position + Around);
        string before = from > 0 ? "…" : "";
        string line = before + text[from..to] + (to < text.Length ? "…" : "");
        line = string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c));
        return $"  {line}\n  {new string(' ', before.Length + position - from)}^";
    }
}
