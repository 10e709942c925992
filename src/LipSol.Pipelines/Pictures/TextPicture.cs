using System.Text;

namespace LipSol.Pipelines;

/// <summary>A pipeline in a terminal: a line a step, what it needs drawn at the left as lanes, and below it why it is as it is.</summary>
/// <remarks>One name a line, and each within directional isolates, so that Urdu names stay in their place whatever stands beside them.</remarks>
public static class TextPicture
{
    private const char Isolate = '\u2068', EndOfIsolate = '\u2069';
    private const int WidestName = 32;

    /// <summary>Draws the steps, which come after all that they need.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static string Draw(IReadOnlyList<PictureStep> steps, int width = 100)
    {
        var lanes = new List<int?>();
        var rows = new List<(string Lanes, string Below, PictureStep Step)>();
        for (int i = 0; i < steps.Count; i++) rows.Add(Row(steps, i, lanes));
        int left = rows.Max(r => Math.Max(r.Lanes.Length, r.Below.Length)) + 2;
        int names = Math.Min(WidestName, steps.Max(s => PictureStep.Columns(s.Name))), kinds = steps.Max(s => s.Kind.Length), words = steps.Max(s => PictureStep.Tell(s.Status).Length);
        var text = new StringBuilder();
        foreach ((string drawn, string below, PictureStep step) in rows)
        {
            string name = PictureStep.Cut(step.Name, names);
            string shown = PictureStep.IsRightToLeft(name) ? $"{Isolate}{name}{EndOfIsolate}" : name;
            string took = step.Took is { } t ? Durations.Tell(t) : "";
            text.AppendLine($"{drawn.PadRight(left)}{shown}{new string(' ', names - PictureStep.Columns(name) + 2)}{step.Kind.PadRight(kinds)}  {PictureStep.Tell(step.Status).PadRight(words)}  {took}".TrimEnd());
            bool first = true;
            foreach (string line in Wrap(step.Note, Math.Max(30, width - left - 2)))
            {
                text.AppendLine($"{below.PadRight(left)}  {line}".TrimEnd());
                first = false;
            }
            if (first && below.Trim().Length > 0) text.AppendLine(below.TrimEnd());
        }
        return text.ToString();
    }

    /// <summary>What stands for a status.</summary>
    public static char Symbol(StepStatus? status) => status switch
    {
        StepStatus.Planning or StepStatus.Running => '▶',
        StepStatus.Retrying => '↻',
        StepStatus.Done => '✔',
        StepStatus.Cached => '≡',
        StepStatus.Failed => '✖',
        StepStatus.Blocked => '⊘',
        StepStatus.NotNeeded => '–',
        StepStatus.Cancelled => '■',
        _ => '○',
    };

    // A lane belongs to a step that something further down still needs. The step's line connects the lanes of what it needs with its own place; those needed no more end there.
    private static (string Lanes, string Below, PictureStep Step) Row(IReadOnlyList<PictureStep> steps, int index, List<int?> lanes)
    {
        PictureStep step = steps[index];
        int[] needed = [.. step.Needs.Select(n => lanes.IndexOf(n)).Where(l => l >= 0).Order()];
        bool GoesOn(int lane) => steps.Skip(index + 1).Any(s => s.Needs.Contains(lanes[lane]!.Value));
        bool[] ends = [.. needed.Select(l => !GoesOn(l))];
        // Where what it needs ends here, it stands below that; else in a lane that's free.
        int own = Array.FindIndex(ends, e => e) is >= 0 and var first ? needed[first] : lanes.IndexOf(null) is >= 0 and var free ? free : lanes.Count;
        if (own == lanes.Count) lanes.Add(null);
        int from = Math.Min(own, needed.DefaultIfEmpty(own).Min()), to = Math.Max(own, needed.DefaultIfEmpty(own).Max());
        var line = new StringBuilder();
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            int place = Array.IndexOf(needed, lane);
            line.Append(lane == own ? Symbol(step.Status)
                : place >= 0 ? (ends[place], lane == from, lane == to) switch
                {
                    (true, true, _) => '╰',
                    (true, _, true) => '╯',
                    (true, _, _) => '┴',
                    (false, true, _) => '├',
                    (false, _, true) => '┤',
                    _ => '┼',
                }
                : lanes[lane] is not null ? '│' : lane > from && lane < to ? '─' : ' ');
            line.Append(lane >= from && lane < to ? '─' : ' ');
        }
        for (int i = 0; i < needed.Length; i++)
            if (ends[i]) lanes[needed[i]] = null;
        lanes[own] = steps.Skip(index + 1).Any(s => s.Needs.Contains(index)) ? index : null;
        string below = string.Concat(lanes.Select(l => l is null ? "  " : "│ "));
        while (lanes.Count > 0 && lanes[^1] is null) lanes.RemoveAt(lanes.Count - 1);
        return (line.ToString().TrimEnd(), below.TrimEnd(), step);
    }

    private static IEnumerable<string> Wrap(string? text, int width)
    {
        var line = new StringBuilder();
        foreach (string word in (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }
            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }
        if (line.Length > 0) yield return line.ToString();
    }
}
