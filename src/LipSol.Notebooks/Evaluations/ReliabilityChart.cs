using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>A reliability diagram: how often answers are right over how sure the model is. On the diagonal, confidence means what it says.</summary>
internal static class ReliabilityChart
{
    private const double Size = 250, Left = 40, Right = 12, Top = 26, Bottom = 34;

    public static string Svg(string title, Reliability reliability)
    {
        var answers = reliability.Bins.Sum(b => b.Count);
        var label = $"{title}: expected calibration error {Markup.Percent(reliability.ExpectedError)}, {answers} answers";
        static double X(double share) => Left + share * (Size - Left - Right);
        static double Y(double share) => Size - Bottom - share * (Size - Top - Bottom);
        var svg = new StringBuilder(Markup.Invariant($"<div><svg width=\"{Size}\" height=\"{Size}\" viewBox=\"0 0 {Size} {Size}\" role=\"img\" aria-label=\"{Markup.Encode(label)}\"><title>{Markup.Encode(label)}</title>"));
        svg.Append(Markup.Invariant($"<text x=\"{Left}\" y=\"14\" style=\"font-weight:600;font-size:12px\">{Markup.Encode(title)}</text>"));
        foreach (var tick in new[] { 0, 0.5, 1 })
        {
            svg.Append(Markup.Invariant($"<line x1=\"{X(0):0.#}\" x2=\"{X(1):0.#}\" y1=\"{Y(tick):0.#}\" y2=\"{Y(tick):0.#}\" stroke=\"currentColor\" opacity=\".13\"/>"))
                .Append(Markup.Invariant($"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\" opacity=\".7\">{100 * tick:0} %</text>"))
                .Append(Markup.Invariant($"<text x=\"{X(tick):0.#}\" y=\"{Size - Bottom + 14}\" text-anchor=\"middle\" opacity=\".7\">{100 * tick:0} %</text>"));
        }
        foreach (var bin in reliability.Bins.Where(b => b.Count > 0))
        {
            // Filled by how many answers stand behind it: a bar of two answers says little.
            var opacity = 0.2 + 0.6 * bin.Count / reliability.Bins.Max(b => b.Count);
            svg.Append(Markup.Invariant($"<rect x=\"{X(bin.Low) + 0.5:0.##}\" width=\"{Math.Max(1, X(bin.High) - X(bin.Low) - 1):0.##}\" y=\"{Y(bin.Accuracy):0.##}\" height=\"{Y(0) - Y(bin.Accuracy):0.##}\" fill=\"#2a9d84\" opacity=\"{opacity:0.##}\"><title>confidence {Markup.Percent(bin.Confidence)}, right {Markup.Percent(bin.Accuracy)}, {bin.Count} answers</title></rect>"))
                .Append(Markup.Invariant($"<circle cx=\"{X(bin.Confidence):0.##}\" cy=\"{Y(bin.Accuracy):0.##}\" r=\"2.5\" fill=\"#2a9d84\"/>"));
        }
        svg.Append(Markup.Invariant($"<line x1=\"{X(0):0.#}\" y1=\"{Y(0):0.#}\" x2=\"{X(1):0.#}\" y2=\"{Y(1):0.#}\" stroke=\"currentColor\" stroke-dasharray=\"4 3\" opacity=\".5\"/>"))
            .Append(Markup.Invariant($"<text x=\"{(Left + Size - Right) / 2}\" y=\"{Size - 6}\" text-anchor=\"middle\" opacity=\".7\">confidence; height: share that is right</text>"));
        return svg.Append($"</svg><div class=\"soft\">calibration error {Markup.Percent(reliability.ExpectedError)}; {answers} answers</div></div>").ToString();
    }
}
