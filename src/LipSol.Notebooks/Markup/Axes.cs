using System.Globalization;
using System.Text;

namespace LipSol.Notebooks;

/// <summary>Where values lie in a drawing, and the lines and numbers around it.</summary>
internal sealed class Axes(double width, double height, double left, double right, double top, double bottom, double margin = 0)
{
    private double first, last, low, high;
    private bool logarithmic;

    public double Width { get; } = width;

    public double Height { get; } = height;

    public double Left { get; } = left;

    public double Right { get; } = width - right;

    public double Bottom { get; } = height - bottom;

    /// <summary>Sets what is shown. Sizes are spread evenly by their logarithm where they span much.</summary>
    public Axes Show(double firstX, double lastX, double lowY, double highY)
    {
        (first, last, low, high) = (firstX, Math.Max(lastX, firstX + 1e-9), lowY, Math.Max(highY, lowY + 1e-9));
        logarithmic = first > 0 && last / first >= 4;
        return this;
    }

    // A little room beside the outermost points.
    public double X(double value) => Left + margin + (Right - Left - 2 * margin) * (logarithmic ? Math.Log(value / first) / Math.Log(last / first) : (value - first) / (last - first));

    public double Y(double value) => Bottom - (Bottom - top) * (Math.Clamp(value, low, high) - low) / (high - low);

    /// <summary>Round values for the y axis: about five.</summary>
    public IEnumerable<double> TicksY() => Ticks(low, high);

    public static double[] Ticks(double low, double high)
    {
        var rough = (high - low) / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.Select(m => m * power).First(s => s >= rough * 0.999);
        var begin = Math.Ceiling(low / step - 1e-9);
        return [.. Enumerable.Range(0, (int)Math.Floor(high / step - begin + 1e-9) + 1).Select(i => (begin + i) * step)];
    }

    /// <summary>An SVG picture that stands on its own as a file, on white, or (<paramref name="standalone"/> false) takes its colours and letters from the page around it.</summary>
    public string Svg(string label, string content, bool standalone) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"<svg {(standalone ? "xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" font-size=\"11\" color=\"#222\" fill=\"#222\" " : "")}width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Markup.Encode(label)}\" style=\"max-width:100%\">")
        .Append(standalone ? "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>" : "")
        .Append(content).Append("</svg>").ToString();
}
