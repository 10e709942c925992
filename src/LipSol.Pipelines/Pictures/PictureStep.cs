using System.Globalization;

namespace LipSol.Pipelines;

/// <summary>A step as a picture shows it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Status">Where it is; null: of a definition that doesn't run.</param>
/// <param name="Needs">The places, in the list of steps, of those that it needs; each before its own.</param>
/// <param name="Note">Why it was done or not, what failed, what came out.</param>
/// <param name="Took">How long it took, or has taken so far.</param>
public sealed record PictureStep(string Name, string Kind, StepStatus? Status, IReadOnlyList<int> Needs, string? Note, TimeSpan? Took)
{
    /// <summary>The steps of a definition that doesn't run.</summary>
    public static IReadOnlyList<PictureStep> Of(PipelineDefinition definition) => Of(definition, _ => null, default);

    /// <summary>The steps of a run.</summary>
    public static IReadOnlyList<PictureStep> Of(PipelineDefinition definition, PipelineRunState run, DateTimeOffset now) =>
        Of(definition, name => run.Steps.FirstOrDefault(s => s.Name == name), now);

    /// <summary>A status in words.</summary>
    public static string Tell(StepStatus? status) => status switch
    {
        null => "",
        StepStatus.Planning => "looking",
        StepStatus.Retrying => "tries again",
        StepStatus.Cached => "as before",
        StepStatus.NotNeeded => "not needed",
        { } other => other.ToString().ToLowerInvariant(),
    };

    private static List<PictureStep> Of(PipelineDefinition definition, Func<string, StepState?> find, DateTimeOffset now)
    {
        StepDefinition[] ordered = [.. StepGraph.InOrder(definition.Steps)];
        var steps = new List<PictureStep>();
        foreach (StepDefinition step in ordered)
        {
            StepState? state = find(step.Name);
            TimeSpan? took = state?.StartedAt is { } begun && state.Status != StepStatus.Cached ? (state.EndedAt ?? now) - begun : null;
            int[] needs = [.. StepGraph.Needs(step).Select(n => Array.FindIndex(ordered, s => s.Name == n))];
            steps.Add(new PictureStep(step.Title ?? step.Name, step.Kind, state?.Status, needs, Noted(state), took));
        }
        return steps;
    }

    private static string? Noted(StepState? state) => state switch
    {
        null => null,
        { Status: StepStatus.Failed or StepStatus.Retrying, Failure: { } failure } => failure,
        { Status: StepStatus.Done } when state.Left.GetValueOrDefault(Outputs.Note) is { } note => $"{note} {state.Why}".TrimEnd(),
        _ => state.Why,
    };

    /// <summary>Whether a text is read from right to left: by its first letter that has a direction.</summary>
    internal static bool IsRightToLeft(string text)
    {
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0x0590 and <= 0x08FF or >= 0xFB1D and <= 0xFDFF or >= 0xFE70 and <= 0xFEFC) return true;
            if (System.Text.Rune.IsLetter(rune)) return false;
        }
        return false;
    }

    /// <summary>The columns that a text takes in a terminal: marks stand above or below a letter.</summary>
    internal static int Columns(string text)
    {
        int columns = 0;
        foreach (System.Text.Rune rune in text.EnumerateRunes())
            if (System.Text.Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control)) columns++;
        return columns;
    }

    /// <summary>A text of at most so many columns, cut between letters.</summary>
    internal static string Cut(string text, int columns)
    {
        if (Columns(text) <= columns) return text;
        var kept = new System.Text.StringBuilder();
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext() && Columns(kept.ToString() + elements.GetTextElement()) < columns) kept.Append(elements.GetTextElement());
        return kept.Append('…').ToString();
    }
}
