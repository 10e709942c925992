using System.Globalization;
using System.Net;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>The pieces that outputs are made of. Everything is HTML and SVG: no script, nothing fetched; colours suit light and dark pages.</summary>
internal static class Markup
{
    private static readonly Lazy<string> Css = new(() =>
    {
        using var stream = typeof(Markup).Assembly.GetManifestResourceStream("notebook-output.css")!;
        return new StreamReader(stream).ReadToEnd();
    });

    /// <summary>Colours of series, readable on white and on black.</summary>
    public static readonly string[] Series = ["#2a9d84", "#d07b2f", "#7a76dd", "#c2558c", "#4a90c9", "#8a8f3c"];

    /// <summary>An output: its style and its content.</summary>
    public static string Output(string content) => $"<div class=\"lipsol\"><style>{Css.Value}</style>{content}</div>";

    public static string Encode(string? text) => WebUtility.HtmlEncode(text ?? "");

    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>Text in the direction of its script; text in Arabic script is marked as Urdu so that it gets a Nastaliq font.</summary>
    public static string Words(string text, string? extraClass = null)
    {
        var urdu = text.Any(c => c is >= '\u0600' and <= '\u06FF' or >= '\u0750' and <= '\u077F' or >= '\uFB50' and <= '\uFEFC');
        return $"<bdi{(urdu ? " lang=\"ur\" dir=\"rtl\"" : "")} class=\"{(urdu ? "urdu " : "")}{extraClass}\">{Encode(text)}</bdi>";
    }

    public static string Percent(double share, int digits = 1) =>
        double.IsFinite(share) ? (share * 100).ToString("F" + digits, CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>A bar for a share between 0 and 1 with its figure.</summary>
    public static string Bar(double share, string colour = "")
    {
        var width = double.IsFinite(share) ? Math.Clamp(share, 0, 1) * 100 : 0;
        return Invariant($"<span class=\"bar {colour}\"><i style=\"width:{width:0.#}%\"></i></span> <span class=\"number\">{Percent(share)}</span>");
    }

    /// <summary>A figure on a line from 0 to 1: a dot at its value, a thick line over its 95 % interval.</summary>
    public static string Interval(Estimate? figure, string colour = "#2a9d84")
    {
        if (figure is null)
            return "<span class=\"soft\">–</span>";
        const double Width = 120;
        double At(double value) => 4 + Math.Clamp(value, 0, 1) * (Width - 8);
        var label = $"{Percent(figure.Value)}, 95 % interval {Percent(figure.Low)} to {Percent(figure.High)}, {figure.Count} samples";
        return Invariant($"""
            <svg width="{Width}" height="16" viewBox="0 0 {Width} 16" role="img" aria-label="{label}" style="vertical-align:middle"><title>{label}</title><line x1="4" x2="{Width - 4}" y1="8" y2="8" stroke="currentColor" opacity=".25"/><line x1="{At(figure.Low):0.#}" x2="{At(figure.High):0.#}" y1="8" y2="8" stroke="{colour}" stroke-width="6" stroke-linecap="round" opacity=".45"/><circle cx="{At(figure.Value):0.#}" cy="8" r="4" fill="{colour}"/></svg> <span class="number">{Percent(figure.Value)} <span class="soft">[{figure.Low * 100:F1}, {figure.High * 100:F1}]</span></span>
            """);
    }

    public static string Short(string hash) => $"<span class=\"mono\" title=\"{Encode(hash)}\">{Encode(hash.Length > 10 ? hash[..10] : hash)}</span>";

    public static string Duration(TimeSpan time) => time.TotalMinutes >= 1
        ? Invariant($"{(int)time.TotalMinutes} min {time.Seconds} s")
        : Invariant($"{time.TotalSeconds:0.0} s");
}
