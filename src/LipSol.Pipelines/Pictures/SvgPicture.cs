using System.Xml.Linq;

namespace LipSol.Pipelines;

/// <summary>A pipeline as SVG, from left to right. Each step's text stands on a ground of its own and the lines are of a middle grey, so it's legible on a light and on a dark page.</summary>
public static class SvgPicture
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private const int BoxWidth = 176, BoxHeight = 58, ColumnGap = 56, RowGap = 18, Margin = 8, LettersInBox = 21;

    /// <summary>Draws the steps, which come after all that they need.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="title">What it shows, for those who can't see it.</param>
    public static string Draw(IReadOnlyList<PictureStep> steps, string title)
    {
        List<Place> places = Lay(steps);
        int columns = places.Max(p => p.Column) + 1, rows = places.Max(p => p.Row) + 1;
        int width = 2 * Margin + columns * BoxWidth + (columns - 1) * ColumnGap, height = 2 * Margin + rows * BoxHeight + (rows - 1) * RowGap;
        var root = new XElement(Svg + "svg", new XAttribute("viewBox", $"0 0 {width} {height}"), new XAttribute("width", width), new XAttribute("height", height), new XAttribute("role", "img"),
            new XAttribute("font-family", "'Noto Sans', 'Noto Nastaliq Urdu', 'Segoe UI', sans-serif"), new XAttribute("style", "max-width:100%;height:auto"),
            new XElement(Svg + "title", title));
        foreach (Place place in places)
            foreach (Place from in place.From) root.Add(Edge(from, place));
        foreach (Place place in places)
            if (place.Step is { } step) root.Add(Box(place, step));
        return root.ToString(SaveOptions.DisableFormatting);
    }

    // A line over several columns keeps a row of its own in those between, so that it crosses no box.
    private static List<Place> Lay(IReadOnlyList<PictureStep> steps)
    {
        var columns = new int[steps.Count];
        for (int i = 0; i < steps.Count; i++) columns[i] = steps[i].Needs.Select(n => columns[n] + 1).DefaultIfEmpty(0).Max();
        Place[] own = [.. steps.Select((s, i) => new Place(s, columns[i]))];
        var all = new List<Place>(own);
        var bends = new Dictionary<(int Need, int Column), Place>();
        for (int i = 0; i < steps.Count; i++)
        {
            foreach (int need in steps[i].Needs)
            {
                Place from = own[need];
                for (int column = columns[need] + 1; column < columns[i]; column++)
                {
                    if (!bends.TryGetValue((need, column), out Place? bend))
                    {
                        bends[(need, column)] = bend = new Place(null, column);
                        bend.From.Add(from);
                        all.Add(bend);
                    }
                    from = bend;
                }
                own[i].From.Add(from);
            }
        }
        foreach (IGrouping<int, Place> column in all.GroupBy(p => p.Column).OrderBy(g => g.Key))
        {
            int next = 0;
            foreach (Place place in column.OrderBy(p => p.From.Select(f => (double)f.Row).DefaultIfEmpty(0).Average()))
            {
                place.Row = Math.Max(next, column.Count() == 1 && place.From.Count > 0 ? (int)Math.Round(place.From.Average(f => f.Row)) : 0);
                next = place.Row + 1;
            }
        }
        return all;
    }

    private static XElement Edge(Place from, Place to)
    {
        (int x1, int y1) = (from.Step is null ? from.X : from.X + BoxWidth, from.Y + BoxHeight / 2);
        (int x2, int y2) = (to.Step is null ? to.X + BoxWidth : to.X, to.Y + BoxHeight / 2);
        // A bend runs straight through its column.
        string start = from.Step is null ? $"M{x1} {y1}H{from.X + BoxWidth}" : $"M{x1} {y1}";
        (int a, int b) = (from.X + BoxWidth, to.X);
        string path = $"{start}C{(a + b) / 2} {y1} {(a + b) / 2} {y2} {b} {y2}";
        var line = new XElement(Svg + "path", new XAttribute("d", path), new XAttribute("fill", "none"), new XAttribute("stroke", "#878d96"), new XAttribute("stroke-width", 2));
        return to.Step is null ? line : new XElement(Svg + "g", line, new XElement(Svg + "path", new XAttribute("d", $"M{x2} {y2}l-8 -5v10z"), new XAttribute("fill", "#878d96")));
    }

    private static XElement Box(Place place, PictureStep step)
    {
        int middle = place.X + BoxWidth / 2;
        string below = string.Join(" · ", new[] { step.Kind, PictureStep.Tell(step.Status), step.Took is { } took ? Durations.Tell(took) : "" }.Where(t => t.Length > 0));
        return new XElement(Svg + "g",
            new XElement(Svg + "title", string.Join('\n', new[] { step.Name, below, step.Note }.Where(t => !string.IsNullOrEmpty(t)))),
            new XElement(Svg + "rect", new XAttribute("x", place.X), new XAttribute("y", place.Y), new XAttribute("width", BoxWidth), new XAttribute("height", BoxHeight), new XAttribute("rx", 8),
                new XAttribute("fill", Ground(step.Status)), new XAttribute("stroke", "#878d96"), step.Status is StepStatus.Waiting or StepStatus.NotNeeded ? new XAttribute("stroke-dasharray", "4 3") : null),
            Text(PictureStep.Cut(step.Name, LettersInBox), middle, place.Y + 25, 15, "600"),
            Text(PictureStep.Cut($"{(step.Status is null ? "" : TextPicture.Symbol(step.Status) + " ")}{below}", 30), middle, place.Y + 44, 11, "400"));
    }

    private static XElement Text(string text, int x, int y, int size, string weight) => new(Svg + "text", new XAttribute("x", x), new XAttribute("y", y), new XAttribute("font-size", size), new XAttribute("font-weight", weight),
        new XAttribute("fill", "#ffffff"), new XAttribute("text-anchor", "middle"), PictureStep.IsRightToLeft(text) ? new XAttribute("direction", "rtl") : null, text);

    // Each dark enough for white text of 4.5 : 1 (WCAG AA), and light enough to stand out from black.
    internal static string Ground(StepStatus? status) => status switch
    {
        StepStatus.Planning or StepStatus.Running => "#1f65c0",
        StepStatus.Retrying => "#9a5b00",
        StepStatus.Done => "#1c7a43",
        StepStatus.Cached => "#2d6f75",
        StepStatus.Failed => "#b3261e",
        StepStatus.Blocked => "#8a4b45",
        StepStatus.Cancelled => "#6d4c7d",
        _ => "#5f6672",
    };

    private sealed class Place(PictureStep? step, int column)
    {
        public PictureStep? Step => step;
        public int Column => column;
        public int Row { get; set; }
        public List<Place> From { get; } = [];
        public int X => Margin + column * (BoxWidth + ColumnGap);
        public int Y => Margin + Row * (BoxHeight + RowGap);
    }
}
