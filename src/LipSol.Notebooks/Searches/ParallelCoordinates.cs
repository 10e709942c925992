using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>The trials of a search as lines through one axis a parameter, the last axis the objective: better ones darker and above, the best one bold.</summary>
public sealed class ParallelCoordinates
{
    private const double Top = 40, Bottom = 270, Height = 320, Between = 140, Side = 60;

    private readonly ParameterSearch search;
    private readonly SearchAnalysis analysis;

    /// <summary>The picture of a search.</summary>
    /// <param name="search">The search, with its trials.</param>
    /// <param name="analysis">What <see cref="SearchesClient.AnalyseAsync"/> answered of it.</param>
    public ParallelCoordinates(ParameterSearch search, SearchAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(analysis);
        this.search = search;
        this.analysis = analysis;
    }

    /// <summary>The picture as a file of its own.</summary>
    public string ToSvg() => Draw(standalone: true);

    internal string ToHtml() => Draw(standalone: false);

    private string Draw(bool standalone)
    {
        var objectives = search.Trials.Where(t => t.Objective is { } value && double.IsFinite(value) && t.Status is SearchTrialStatus.Completed or SearchTrialStatus.Stopped)
            .OrderBy(t => search.Maximise ? t.Objective : -t.Objective).ToArray();
        var axes = new Axes(2 * Side + Between * analysis.Axes.Count, Height, Side, Side, Top, Height - Bottom);
        var svg = new StringBuilder();
        double X(int axis) => Side + Between * axis;
        for (var a = 0; a < analysis.Axes.Count; a++)
        {
            svg.Append(Axis(X(a), analysis.Axes[a].Parameter));
            foreach (var tick in analysis.Axes[a].Ticks) svg.Append(Label(X(a), Y(tick.Place), tick.Label));
        }
        svg.Append(Axis(X(analysis.Axes.Count), search.Metric));
        if (objectives.Length > 0)
        {
            double worst = objectives[0].Objective!.Value, best = objectives[^1].Objective!.Value;
            double Share(double value) => best == worst ? 0.5 : (value - worst) / (best - worst);
            foreach (var value in new[] { worst, (worst + best) / 2, best }.Distinct()) svg.Append(Label(X(analysis.Axes.Count), Y(Share(value)), Markup.Invariant($"{value:0.####}")));
            var places = analysis.Coordinates.ToDictionary(c => c.Number, c => c.Places);
            for (var rank = 0; rank < objectives.Length; rank++)
                if (places.TryGetValue(objectives[rank].Number, out var at)) svg.Append(Line(objectives[rank], at, X, Share(objectives[rank].Objective!.Value), objectives.Length == 1 ? 1 : rank / (objectives.Length - 1.0)));
        }
        return axes.Svg($"Trials of {search.Name} over their parameters", svg.ToString(), standalone);
    }

    private string Line(SearchTrial trial, IReadOnlyList<double?> places, Func<int, double> x, double share, double rank)
    {
        // A parameter that the trial hasn't is passed below its axis.
        var points = string.Join(' ', places.Append(share).Select((place, a) => Markup.Invariant($"{x(a):0.#},{(place is { } p ? Y(p) : Bottom + 14):0.#}")));
        var best = trial.Number == search.Best;
        var title = Markup.Encode($"trial {trial.Number}: {search.Metric} {Markup.Invariant($"{trial.Objective:0.####}")}, {string.Join(", ", trial.Parameters.Select(p => $"{p.Key} {p.Value}"))}");
        return Markup.Invariant($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{Markup.Series[best ? 1 : 0]}\" stroke-width=\"{(best ? 3 : 1 + rank)}\" opacity=\"{(best ? 1 : 0.12 + 0.6 * rank * rank):0.##}\"{(trial.Status == SearchTrialStatus.Stopped ? " stroke-dasharray=\"4 3\"" : "")}><title>{title}</title></polyline>");
    }

    private static double Y(double place) => Bottom - (Bottom - Top) * place;

    private static string Axis(double x, string name) =>
        Markup.Invariant($"<line x1=\"{x}\" x2=\"{x}\" y1=\"{Top}\" y2=\"{Bottom}\" stroke=\"currentColor\" opacity=\".4\"/><text x=\"{x}\" y=\"{Top - 16}\" text-anchor=\"middle\" style=\"font-weight:600\">{Markup.Encode(name)}</text>");

    private static string Label(double x, double y, string text) => Markup.Invariant($"<text x=\"{x + 5}\" y=\"{y + 4:0.#}\" opacity=\".75\" style=\"font-size:10px\">{Markup.Encode(text)}</text>");
}
